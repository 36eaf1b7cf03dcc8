import { say } from "@/i18n";

import type { NamedField, NamedOption } from "./types";

/** How well what is typed finds something: by key, by label, by pinyin or its initials. 0 is not at all. */
export function matchOf(query: string, names: readonly string[], sounds: readonly string[] = []): number {
  const wanted = query.toLowerCase();
  if (!wanted) return 1;
  let best = 0;
  for (const name of names) {
    const folded = name.toLowerCase();
    const at = folded.indexOf(wanted);
    if (folded === wanted) best = Math.max(best, 10);
    else if (at === 0) best = Math.max(best, 8);
    else if (at > 0) best = Math.max(best, /[\s_]/.test(folded[at - 1]!) ? 6 : 3);
  }
  for (const sound of sounds) {
    if (sound === wanted) best = Math.max(best, 7);
    else if (sound.startsWith(wanted)) best = Math.max(best, 5);
  }
  return best;
}

const namesOf = (item: { label: NamedField["label"] }): string[] =>
  typeof item.label === "string" ? [item.label] : Object.values(item.label);

export const fieldMatch = (query: string, field: NamedField): number => matchOf(query, [field.key, ...namesOf(field)], field.sounds);

export const optionMatch = (query: string, option: NamedOption): number => matchOf(query, namesOf(option), option.sounds);

/** What a field or option is called on this page. */
export const labelOf = (item: { label: NamedField["label"] }): string => say(item.label);

const SERVES: Record<string, readonly string[]> = {
  text: ["text", "choice"],
  moment: ["date", "datetime"],
  scalar: ["text", "number", "boolean", "date", "datetime", "duration", "choice"],
};

/** Whether a kind of value serves where a parameter takes another name for it. */
export function fits(kind: string, list: boolean, wanted: string): boolean {
  if (!wanted || wanted === "any") return true;
  if (wanted === "list") return list;
  return !list && (SERVES[wanted] ?? [wanted]).includes(kind);
}
