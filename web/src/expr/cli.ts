/**
 * Expressions from outside a browser, for debugging and for tests: JSON lines `{id, tree, inputs, env}` on standard
 * input, `{id, type, value}`, `{id, error}` or `{id, unsupported}` on standard output.
 */
import { Env, type Row, type Surroundings, type Tree, Unsupported, evaluator, write } from "./index.ts";
import { kindOf } from "./tree.ts";

interface Line {
  readonly id: unknown;
  readonly tree: Tree;
  readonly inputs?: Row;
  readonly env?: Partial<Surroundings>;
}

function answer(text: string): unknown {
  let id: unknown = null;
  try {
    const line = JSON.parse(text) as Line;
    id = line.id ?? null;
    const env = new Env(line.inputs ?? {}, { now: new Date().toISOString(), ...line.env });
    const result = evaluator(line.tree)(env);
    if ("error" in result) return { id, error: result.error };
    return { id, type: kindOf(line.tree.t), value: write(result.value, line.tree.t) };
  } catch (error) {
    if (error instanceof Unsupported || error instanceof SyntaxError || error instanceof RangeError) {
      return { id, unsupported: error.message };
    }
    throw error;
  }
}

async function main(): Promise<void> {
  let rest = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    const answers = lines.filter((line) => line.trim()).map((line) => `${JSON.stringify(answer(line))}\n`);
    process.stdout.write(answers.join(""));
  }
  if (rest.trim()) process.stdout.write(`${JSON.stringify(answer(rest))}\n`);
}

await main();
