/**
 * Forms filled in outside a browser, for tests: JSON lines on standard input, an answer a line on standard output.
 * A line with `entities` opens a form and enters `sets`, one value after the other; `settled` is what the server answered
 * to `ask`; `mend` writes what `fix` rules say, as saving does. Every answer tells how the form stands now.
 */
import type { Json } from "@/api/types";

import type { Surroundings } from "../expr/index.ts";
import { createRules } from "./index.ts";
import type { RecordState, RuledEntity, RuledForm, Rules, Settled, Values } from "./types.ts";

interface Opening {
  readonly entities: Record<string, RuledEntity & { form: RuledForm }>;
  readonly entity: string;
  readonly around: Surroundings;
  readonly base: Values | null;
  readonly unknown: readonly string[];
  readonly sets: readonly (readonly [string, Json])[];
  /** Values their own types refuse, by the id of the field. */
  readonly refused: Record<string, readonly Json[]>;
}

type Line = Opening | { readonly settled: Settled } | { readonly mend: true };

interface Open {
  readonly rules: Rules;
  readonly entity: RuledEntity;
}

function opened(line: Opening): Open {
  const entity = line.entities[line.entity]!;
  const refused = new Map(Object.entries(line.refused).map(([id, values]) => [id, new Set(values.map((one) => JSON.stringify(one)))]));
  const rules = createRules({
    entity, form: entity.form, entityOf: (key) => line.entities[key], around: line.around, base: line.base,
    unknown: new Set(line.unknown), refuses: (field, value) => refused.get(field.id)?.has(JSON.stringify(value)) === true,
  });
  for (const [key, value] of line.sets) rules.set(key, value);
  return { rules, entity };
}

function shown({ rules, entity }: Open): object {
  const tables = entity.fields.filter((field) => field.type === "subtable");
  const rows = tables.map(({ key }) => {
    const count = (rules.state.values[key] as Json[] | undefined)?.length ?? 0;
    return [key, Array.from({ length: count }, (_, at) => plain(rules.row(key, at)!))];
  });
  const findings = rules.findings().map(({ code, place, severity, rule }) => ({ code, place, severity, rule: rule ?? "" }));
  return { ...plain(rules.state), rows: Object.fromEntries(rows), findings, entered: rules.entered(), ask: rules.ask() };
}

const plain = (state: RecordState): object => ({
  values: state.values, hidden: [...state.hidden], required: [...state.required], locked: [...state.locked],
  choices: Object.fromEntries(state.choices),
});

let open: Open | null = null;

function answer(line: Line): object {
  if ("entities" in line) open = opened(line);
  else if ("settled" in line) open!.rules.answer(line.settled);
  else open!.rules.mend();
  return shown(open!);
}

let rest = "";
process.stdin.setEncoding("utf8");
for await (const chunk of process.stdin) {
  const lines = (rest + String(chunk)).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) process.stdout.write(`${JSON.stringify(answer(JSON.parse(line) as Line))}\n`);
}
