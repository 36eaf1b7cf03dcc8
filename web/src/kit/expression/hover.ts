import { hoverTooltip, type Tooltip } from "@codemirror/view";
import type { Extension } from "@codemirror/state";

import { t } from "@/i18n";

import { docOf, type Knowledge } from "./knowledge";
import { tokenise } from "./tokens";
import type { FieldUse } from "./types";

function box(title: string, lines: readonly string[]): HTMLElement {
  const element = document.createElement("div");
  element.className = "cm-f-doc";
  element.append(Object.assign(document.createElement("code"), { textContent: title }));
  for (const line of lines) element.append(Object.assign(document.createElement("p"), { textContent: line }));
  return element;
}

/** What a function does, what a field is, where the pointer rests. */
export function hover(knowledge: Knowledge, uses: () => readonly FieldUse[], kindName: (kind: string) => string): Extension {
  return hoverTooltip((view, at): Tooltip | null => {
    const use = uses().find((one) => one.from <= at && at <= one.to);
    if (use) {
      const source = view.state.sliceDoc(use.from, use.to);
      return { pos: use.from, end: use.to, create: () => ({ dom: box(source, [`${use.label} · ${kindName(use.kind)}`]) }) };
    }
    const token = tokenise(view.state.doc.toString()).find((one) => one.from <= at && at < one.to);
    const entry = token && (token.kind === "call" || token.kind === "keyword") ? knowledge.function(token.text) : undefined;
    if (!token || !entry) return null;
    const examples = entry.examples.slice(0, 2).map((one) => `${one.src} → ${one.shown || t("expr.blank")}`);
    return { pos: token.from, end: token.to, create: () => ({ dom: box(entry.signature, [docOf(entry), ...examples]) }) };
  });
}
