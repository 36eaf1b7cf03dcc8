import type { Range } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";

import { tokenise, type TokenKind } from "./tokens";

const SHOWN: ReadonlySet<TokenKind> = new Set<TokenKind>(["call", "keyword", "number", "string", "comment", "operator", "bad"]);
const marks = Object.fromEntries([...SHOWN].map((kind) => [kind, Decoration.mark({ class: `cm-f-${kind}` })]));

/** A formula has 4,000 characters at most: reading it whole takes less than finding out what changed. */
function coloured(view: EditorView): DecorationSet {
  const made: Range<Decoration>[] = tokenise(view.state.doc.toString())
    .filter((token) => SHOWN.has(token.kind))
    .map((token) => marks[token.kind]!.range(token.from, token.to));
  return Decoration.set(made);
}

export const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = coloured(view);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged) this.decorations = coloured(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
