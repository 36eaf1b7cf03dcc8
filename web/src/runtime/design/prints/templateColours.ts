import type { Range } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";

type TokenKind = "tag" | "comment" | "code" | "keyword" | "call" | "string" | "number";

export interface Token {
  from: number;
  to: number;
  kind: TokenKind;
}

/** Comments first: nothing inside them is anything else. */
const PARTS = /<!--[\s\S]*?(?:-->|$)|\{#[\s\S]*?(?:#\}|$)|\{\{[\s\S]*?(?:\}\}|$)|\{%[\s\S]*?(?:%\}|$)|<\/?[a-zA-Z][^<>{]*>?|>/g;
const INSIDE = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\b\d+(?:\.\d+)?\b|[\p{L}_][\p{L}\p{N}_]*/gu;
const KEYWORDS = new Set(
  "for in if elif else endif endfor is not and or set endset with endwith macro endmacro filter endfilter true false none".split(" "),
);

function inside(text: string, start: number, made: Token[]): void {
  for (const found of text.matchAll(INSIDE)) {
    const from = start + found.index;
    const to = from + found[0].length;
    const first = found[0][0]!;
    if (first === '"' || first === "'") made.push({ from, to, kind: "string" });
    else if (/\d/.test(first)) made.push({ from, to, kind: "number" });
    else if (KEYWORDS.has(found[0])) made.push({ from, to, kind: "keyword" });
    else if (/^\s*\(/.test(text.slice(found.index + found[0].length)) || /\|\s*$/.test(text.slice(0, found.index))) made.push({ from, to, kind: "call" });
  }
}

/** The parts of a template that have a colour, in order; marks around a value come before what is inside. */
export function tokensOf(text: string): Token[] {
  const made: Token[] = [];
  for (const found of text.matchAll(PARTS)) {
    const [from, to] = [found.index, found.index + found[0].length];
    if (found[0].startsWith("<!--") || found[0].startsWith("{#")) made.push({ from, to, kind: "comment" });
    else if (found[0].startsWith("{")) {
      made.push({ from, to, kind: "code" });
      inside(found[0], from, made);
    } else made.push({ from, to, kind: "tag" });
  }
  return made;
}

const marks = Object.fromEntries(
  (["tag", "comment", "code", "keyword", "call", "string", "number"] as const).map((kind) => [kind, Decoration.mark({ class: `cm-t-${kind}` })]),
) as Record<TokenKind, Decoration>;

function coloured(view: EditorView, tokens: readonly Token[]): DecorationSet {
  const { from, to } = view.viewport;
  const shown: Range<Decoration>[] = tokens.filter((token) => token.to > from && token.from < to).map((token) => marks[token.kind].range(token.from, token.to));
  return Decoration.set(shown, true);
}

/** The whole text is read for each change (some milliseconds for the longest), only what is in sight is drawn. */
export const templateColours = ViewPlugin.fromClass(
  class {
    tokens: Token[];
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.tokens = tokensOf(view.state.doc.toString());
      this.decorations = coloured(view, this.tokens);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged) this.tokens = tokensOf(update.state.doc.toString());
      if (update.docChanged || update.viewportChanged) this.decorations = coloured(update.view, this.tokens);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export const templateTheme = EditorView.theme({
  "&": { fontSize: "var(--fs-2)" },
  ".cm-scroller": { lineHeight: "1.7" },
  ".cm-gutters": { backgroundColor: "var(--surface-2)", color: "var(--text-3)", border: "0", borderRight: "1px solid var(--line)" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px", minWidth: "36px" },
  ".cm-activeLineGutter": { backgroundColor: "var(--hover)", color: "var(--text)" },
  ".cm-t-tag": { color: "var(--text-3)" },
  ".cm-t-comment": { color: "var(--text-3)", fontStyle: "italic" },
  ".cm-t-code": { color: "var(--accent)", background: "var(--accent-soft)", borderRadius: "3px" },
  ".cm-t-keyword": { color: "var(--violet)", fontWeight: "600" },
  ".cm-t-call": { color: "var(--teal)" },
  ".cm-t-string": { color: "var(--ok)" },
  ".cm-t-number": { color: "var(--warn)" },
});
