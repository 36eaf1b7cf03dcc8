/**
 * Forms filled in outside a browser, for tests and measurements: JSON lines `{id, entities, entity, around, base, sets}`
 * on standard input, `{id, state}` on standard output. `sets` are the values entered, one after the other.
 */
import type { Json } from "@/api/types";

import type { Surroundings } from "../expr/index.ts";
import { createRules } from "./index.ts";
import type { RecordState, RuledEntity, RuledForm, Rules, Values } from "./types.ts";

interface Line {
  readonly id: unknown;
  readonly entities: Record<string, RuledEntity & { form: RuledForm }>;
  readonly entity: string;
  readonly around: Surroundings;
  readonly base: Values | null;
  readonly sets: readonly (readonly [string, Json])[];
}

function shown(state: RecordState, rules: Rules, entity: RuledEntity): unknown {
  const rows = entity.fields.filter((field) => field.type === "subtable").map((field) => {
    const count = (state.values[field.key] as Json[] | undefined)?.length ?? 0;
    return [field.key, Array.from({ length: count }, (_, at) => plain(rules.row(field.key, at)!))];
  });
  const findings = rules.findings().map(({ code, place, severity, rule }) => ({ code, place, severity, rule: rule ?? "" }));
  return { ...plain(state), rows: Object.fromEntries(rows), findings };
}

function plain(state: RecordState): object {
  return {
    values: state.values, hidden: [...state.hidden], required: [...state.required], locked: [...state.locked],
    choices: Object.fromEntries(state.choices),
  };
}

function answer(text: string): unknown {
  const line = JSON.parse(text) as Line;
  const entity = line.entities[line.entity]!;
  const rules = createRules({ entity, form: entity.form, entityOf: (key) => line.entities[key], around: line.around, base: line.base });
  for (const [key, value] of line.sets) rules.set(key, value);
  const entered = rules.entered();
  rules.mend();
  return { id: line.id, state: { ...(shown(rules.state, rules, entity) as object), entered }, asks: rules.ask() !== null };
}

let rest = "";
process.stdin.setEncoding("utf8");
for await (const chunk of process.stdin) {
  const lines = (rest + String(chunk)).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) if (line.trim()) process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
if (rest.trim()) process.stdout.write(`${JSON.stringify(answer(rest))}\n`);
