import { StateEffect, StateField, type EditorState, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";

import { isNameAt } from "./tokens";

/** A stretch of the text that stands for a field, and what people read there instead. */
export interface Chip {
  from: number;
  to: number;
  label: string;
  kind: string;
  broken?: boolean;
}

export const setChips = StateEffect.define<readonly Chip[]>();

class ChipWidget extends WidgetType {
  constructor(
    private readonly label: string,
    private readonly source: string,
    private readonly kind: string,
    private readonly broken: boolean,
  ) {
    super();
  }
  override eq(other: ChipWidget): boolean {
    return other.label === this.label && other.source === this.source && other.kind === this.kind && other.broken === this.broken;
  }
  override toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "cm-f-chip";
    element.textContent = this.label;
    element.title = this.source;
    element.dataset.kind = this.kind;
    if (this.broken) element.dataset.broken = "";
    return element;
  }
  override ignoreEvent(): boolean {
    return false;
  }
}

interface Shown {
  chips: readonly Chip[];
  /** The name being written stays as it is until the caret goes elsewhere. */
  writing: boolean;
  set: DecorationSet;
}

function drawn(state: EditorState, chips: readonly Chip[], writing: boolean): DecorationSet {
  const head = state.selection.main.head;
  const made: Range<Decoration>[] = [];
  for (const chip of chips) {
    if (writing && head > chip.from && head <= chip.to) continue;
    const source = state.sliceDoc(chip.from, chip.to);
    made.push(
      Decoration.replace({ widget: new ChipWidget(chip.label, source, chip.kind, !!chip.broken) }).range(chip.from, chip.to),
    );
  }
  return Decoration.set(made, true);
}

const field = StateField.define<Shown>({
  create: () => ({ chips: [], writing: false, set: Decoration.none }),
  update(shown, transaction) {
    let { chips, writing } = shown;
    const given = transaction.effects.find((effect) => effect.is(setChips));
    if (transaction.docChanged) {
      writing = transaction.isUserEvent("input.type") || transaction.isUserEvent("delete") || transaction.isUserEvent("input.type.compose");
      const { changes, startState, state } = transaction;
      chips = chips
        .map((chip) => ({ ...chip, from: changes.mapPos(chip.from, 1), to: changes.mapPos(chip.to, -1) }))
        // a name that was written into, or that grew, is no longer the field
        .filter((chip, at) => {
          const before = shown.chips[at]!;
          const same = state.sliceDoc(chip.from, chip.to) === startState.sliceDoc(before.from, before.to);
          return same && chip.to > chip.from && !isNameAt(state.sliceDoc(chip.to, chip.to + 1)) && !isNameAt(state.sliceDoc(chip.from - 1, chip.from));
        });
    } else if (transaction.selection) writing = false;
    if (given) chips = given.value.filter((chip) => chip.to <= transaction.state.doc.length);
    else if (!transaction.docChanged && !transaction.selection) return shown;
    return { chips, writing, set: drawn(transaction.state, chips, writing) };
  },
  provide: (self) => [
    EditorView.decorations.from(self, (shown) => shown.set),
    EditorView.atomicRanges.of((view) => view.state.field(self).set),
  ],
});

/** Fields by their label; the text keeps the key, and the caret steps over a chip as over one character. */
export const chips: Extension = field;
