/** Conditions a line each on standard input, answers a line each on standard output: how tests ask the browser. */
import { createInterface } from "node:readline";

import { matches, type Asking, type Compared } from "./matches.ts";

interface Line {
  field: Compared;
  values: Parameters<typeof matches>[1][];
  operator: string;
  operand: Parameters<typeof matches>[3];
  asking: Asking;
}

for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text) as Line;
  const answers = line.values.map((value) => matches(line.field, value, line.operator, line.operand, line.asking));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
