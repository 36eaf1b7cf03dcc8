import { EditorView } from "@codemirror/view";

/**
 * Typing over a selection is done here instead of by the browser, which would keep the looks of what it replaces as an
 * inline style: the content security policy refuses that, and says so on the console.
 */
export function typeOver(event: InputEvent, target: EditorView): boolean {
  const { from, to, empty } = target.state.selection.main;
  const text = event.data;
  if (event.inputType !== "insertText" || !text || empty || event.isComposing || target.state.readOnly) return false;
  event.preventDefault();
  const insert = () => target.state.update({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: "input.type" });
  const taken = target.state.facet(EditorView.inputHandler).some((handler) => handler(target, from, to, text, insert));
  if (!taken) target.dispatch(insert());
  return true;
}
