/** What the rules of a record found, put together from both evaluators. */
import type { Subject } from "./subject.ts";
import type { RuleFinding } from "./types.ts";

/** What the rules found in a record or a row, here and on the server. */
export function findingsOf(subject: Subject): RuleFinding[] {
  return [...[...subject.found.values()].flat(), ...told(subject)];
}

/** What the server found by rules only it evaluates, with what it writes to mend it. */
function told(subject: Subject): RuleFinding[] {
  const { program, settled, leaning, mended } = subject;
  const theirs = new Set([...leaning].map((node) => node.id));
  for (const rule of Object.values(program.meta.choose).flat()) if (rule.options === null) theirs.add(rule.rule);
  const written = [...leaning].flatMap((node) => (node.kind === "f" ? [node.id] : Object.keys(node.check?.values ?? {})));
  const misfits = new Set(written.map((key) => `${subject.place}/${key}`));
  return (settled?.findings ?? []).flatMap((finding) => {
    const isTheirs = finding.rule === undefined ? finding.code === "R333" && misfits.has(finding.place) : theirs.has(finding.rule);
    if (!isTheirs || finding.severity !== "fix") return isTheirs ? [finding] : [];
    const keys = Object.keys(program.meta.checks.find((check) => check.rule === finding.rule)?.values ?? {});
    if (keys.every((key) => mended.has(key))) return [];
    return [{ ...finding, values: Object.fromEntries(keys.map((key) => [key, settled!.values[key] ?? null])) }];
  });
}
