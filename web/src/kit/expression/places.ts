import type { ExpressionAnswer } from "./types";

/**
 * The server counts characters, the browser counts 16-bit units: beyond a 🙂 the two part. Returns the answer with its
 * places as the browser counts them.
 */
export function placed(source: string, answer: ExpressionAnswer): ExpressionAnswer {
  if (!/[\ud800-\udbff]/.test(source)) return answer;
  const units: number[] = [];
  let at = 0;
  for (const character of source) {
    units.push(at);
    at += character.length;
  }
  units.push(at);
  const move = <T extends { from: number; to: number }>(one: T): T => ({ ...one, from: units[one.from] ?? at, to: units[one.to] ?? at });
  return {
    ...answer,
    fields: answer.fields.map(move),
    findings: answer.findings.map((finding) => ({ ...move(finding), fixes: finding.fixes.map(move) })),
  };
}
