import type { Finding } from "@/api/types";

/** Where a finding belongs on a form. `row` and `column` are set inside a sub-table. */
export interface Placed {
  field: string;
  row?: number;
  column?: string;
  finding: Finding;
}

function parts(place: string): string[] {
  return place
    .split("/")
    .filter(Boolean)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * Sort the findings of an answer onto fields. `place` is `/amount` or `/contacts/2/phone`, possibly below `/values`
 * or `/operations/3/values`; what names no known field is about the whole record.
 */
export function placeFindings(findings: Finding[], known: (key: string) => boolean): { placed: Placed[]; general: Finding[] } {
  const placed: Placed[] = [];
  const general: Finding[] = [];
  for (const finding of findings) {
    let path = parts(finding.place);
    if (path[0] === "operations") path = path.slice(2);
    if (path[0] === "values" && !known("values")) path = path.slice(1);
    const [field, row, column] = path;
    if (field === undefined || !known(field)) {
      general.push(finding);
      continue;
    }
    const index = row === undefined ? NaN : Number(row);
    placed.push(Number.isInteger(index) ? { field, row: index, column, finding } : { field, finding });
  }
  return { placed, general };
}

/** Messages of one field by key; a sub-table gets its own and, under `key/row/column`, those of its cells. */
export function messagesOf(placed: Placed[]): Record<string, string[]> {
  const messages: Record<string, string[]> = {};
  for (const { field, row, column, finding } of placed) {
    const key = row === undefined ? field : column === undefined ? `${field}/${row}` : `${field}/${row}/${column}`;
    (messages[key] ??= []).push(finding.text);
  }
  return messages;
}

/** The messages inside one field by the path below it (`2/phone`), one text each. */
export function errorsUnder(messages: Record<string, string[]>, key: string): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [place, texts] of Object.entries(messages)) {
    if (place.startsWith(`${key}/`)) found[place.slice(key.length + 1)] = texts.join("\n");
  }
  return Object.keys(found).length ? found : undefined;
}
