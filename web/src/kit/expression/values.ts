/** The point-and-click view of values: one field, a fixed value, today ± days, a total of a sub-table, two joined. */

import { operandText, pathText, readWhole, type Known, type Operand, type Reader } from "./conditions";

export const TOTALS = ["SUM", "AVERAGE", "MIN", "MAX", "COUNT"] as const;
export type Total = (typeof TOTALS)[number];
export const SIGNS = ["+", "-", "*", "/"] as const;
export type Sign = (typeof SIGNS)[number];

export type PointValue =
  | { shape: "one"; operand: Operand }
  | { shape: "total"; total: Total; path: string; times?: string }
  | { shape: "both"; left: Operand; sign: Sign; right: Operand };

const isSign = (text: string | undefined): text is Sign => SIGNS.includes(text as Sign);

function total(reader: Reader, known: Known): PointValue | null {
  const token = reader.peek();
  if (token?.kind !== "call" || !TOTALS.includes(token.text as Total)) return null;
  reader.take("call");
  return reader.inBrackets<PointValue>(() => {
    const path = reader.path();
    const times = reader.accept("operator", "*") ? reader.path() : undefined;
    const listed = known(path)?.list && (times === undefined || known(times)?.list);
    const made: PointValue = { shape: "total", total: token.text as Total, path };
    if (!listed || (times !== undefined && token.text === "COUNT")) reader.refuse();
    return times === undefined ? made : { ...made, times };
  });
}

/** The view of a value; `undefined` when the text is beyond it, null for an empty text. */
export function valueOf(source: string, known: Known): PointValue | null | undefined {
  if (!source.trim()) return null;
  const found = readWhole<PointValue>(source, known, (reader) => {
    const summed = total(reader, known);
    if (summed) return summed;
    const left = reader.operand();
    const sign = reader.peek();
    if (sign?.kind !== "operator" || !isSign(sign.text)) return { shape: "one", operand: left };
    reader.take("operator");
    return { shape: "both", left, sign: sign.text, right: reader.operand() };
  });
  if (found === null) return undefined;
  // today ± days on the left of another sign would read differently from the left
  if (found.shape === "both" && ("today" in found.left || "today" in found.right)) return undefined;
  return found;
}

export function valueText(value: PointValue | null): string {
  if (!value) return "";
  if (value.shape === "one") return operandText(value.operand);
  if (value.shape === "both") return `${operandText(value.left)} ${value.sign} ${operandText(value.right)}`;
  return `${value.total}(${pathText(value.path)}${value.times ? ` * ${pathText(value.times)}` : ""})`;
}
