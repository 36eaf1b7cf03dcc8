/** Words of comments: `@{id}` names a person; addresses become links. Everything else is shown as it was typed. */
export type Part = { kind: "text"; text: string } | { kind: "person"; id: string } | { kind: "link"; text: string; href: string };

const PARTS = /@\{([\w-]{1,64})\}|https?:\/\/[^\s<>"'，。；、）】]+/g;

/** Cut a comment into what a page shows. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const found of text.matchAll(PARTS)) {
    if (found.index > at) parts.push({ kind: "text", text: text.slice(at, found.index) });
    if (found[1]) parts.push({ kind: "person", id: found[1] });
    else {
      // A full stop at the end of a sentence is no part of the address.
      const href = found[0].replace(/[.,;:!?)]+$/, "");
      parts.push({ kind: "link", text: href, href });
      if (href.length < found[0].length) parts.push({ kind: "text", text: found[0].slice(href.length) });
    }
    at = found.index + found[0].length;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}

/** The comment as a person types it: names instead of ids. */
export function typed(text: string, names: Record<string, string>): string {
  return text.replace(/@\{([\w-]{1,64})\}/g, (whole, id: string) => (names[id] ? `@${names[id]}` : whole));
}

/** What was typed as it is sent: the names of people who were picked become their ids; longer names first. */
export function sent(text: string, picked: ReadonlyMap<string, string>): string {
  const names = [...picked.keys()].sort((a, b) => b.length - a.length);
  if (!names.length) return text;
  const any = new RegExp(`@(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "g");
  return text.replace(any, (_whole, name: string) => `@{${picked.get(name)!}}`);
}

/** The beginning of a name somebody is typing behind an @ right before the caret; null when none is. */
export function asked(text: string, caret: number): { start: number; query: string } | null {
  const before = text.slice(0, caret);
  const start = before.lastIndexOf("@");
  if (start < 0 || caret - start > 30) return null;
  const query = before.slice(start + 1);
  if (/[\s@{}，。；、]/.test(query)) return null;
  // The @ of a mail address asks for nobody.
  return start > 0 && /[\w.-]/.test(before[start - 1]!) ? null : { start, query };
}
