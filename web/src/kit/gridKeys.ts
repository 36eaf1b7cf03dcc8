import type { GridCells } from "./gridCells";
import type { CellRange, GridLines } from "./gridLines";

export interface GridKeys {
  cells: GridCells;
  lines: () => GridLines<unknown>;
  columns: () => number;
  first: () => number;
  /** Lines a page key goes. */
  page: () => number;
  selectable: () => boolean;
  editable: () => boolean;
  canEdit: (line: number, column: number) => boolean;
  /** Begin to edit a cell, with what was typed; false where it cannot be edited. */
  edit: (line: number, column: number, typed: string | null) => boolean;
  show: (line: number, column: number, extend: boolean) => void;
  toggle: (line: number, many: boolean) => void;
  toggleAll: () => void;
  open: (line: number) => void;
  group: (key: string) => void;
  fill: (from: CellRange, to: CellRange) => void;
  clear: (box: CellRange) => void;
  undo: () => void;
  redo: () => void;
  /** An editor was asked for and is not there yet. */
  waiting: () => boolean;
  /** Give up the editor that was asked for. */
  leave: () => void;
}

/** An input method is at work: the code is what browsers give to the first key too, before the composition begins. */
const composing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

/**
 * Keys of the big table: arrows, Home, End and page keys move, Shift extends the rectangle; Enter, F2 or typing edits;
 * Space ticks the row; Delete clears; Ctrl+A, D, R, Z, Y are those of a spreadsheet.
 */
export function gridKeys(grid: GridKeys): (event: KeyboardEvent) => void {
  const { cells } = grid;

  function moved(event: KeyboardEvent): [number, number] | undefined {
    const { line, column } = cells.at.value;
    const mod = event.ctrlKey || event.metaKey;
    const last = grid.lines().count - 1;
    const end = grid.columns() - 1;
    if (event.altKey) return undefined;
    switch (event.key) {
      case "ArrowDown":
        return [mod ? last : line + 1, column];
      case "ArrowUp":
        return [mod ? 0 : line - 1, column];
      case "ArrowRight":
        return [line, mod ? end : column + 1];
      case "ArrowLeft":
        return [line, mod ? grid.first() : column - 1];
      case "PageDown":
        return [line + grid.page(), column];
      case "PageUp":
        return [Math.max(0, line - grid.page()), column];
      case "Home":
        return [mod ? 0 : line, event.shiftKey ? 0 : grid.first()];
      case "End":
        return [mod ? last : line, end];
      case "Tab":
        return tabbed(line, column + (event.shiftKey ? -1 : 1));
    }
    return undefined;
  }

  /** Tab goes on from cell to cell while one may edit, and leaves the table at the end of a row. */
  function tabbed(line: number, column: number): [number, number] | undefined {
    const inside = line >= 0 && column >= 0 && column < grid.columns();
    return grid.editable() && inside ? [line, column] : undefined;
  }

  /** Ctrl+D and Ctrl+R: the first line or column of the rectangle into the rest; of one cell, from the one before it. */
  function fillWithin(box: CellRange, down: boolean): void {
    if (down) {
      const top = box.top === box.bottom ? box.top - 1 : box.top;
      if (top >= 0) grid.fill({ ...box, top, bottom: top }, { ...box, top });
    } else {
      const left = box.left === box.right ? box.left - 1 : box.left;
      if (left >= 0) grid.fill({ ...box, left, right: left }, { ...box, left });
    }
  }

  function control(letter: string, shift: boolean, box: CellRange | null): boolean {
    if (letter === "a") cells.selectAll();
    else if (!grid.editable()) return false;
    else if (letter === "z" && !shift) grid.undo();
    else if (letter === "y" || letter === "z") grid.redo();
    else if (box && (letter === "d" || letter === "r")) fillWithin(box, letter === "d");
    else return false;
    return true;
  }

  function plain(event: KeyboardEvent, box: CellRange | null): boolean {
    const { line, column } = cells.at.value;
    const { key } = event;
    if (key === "Enter" || key === "F2") {
      if (line < 0) grid.toggleAll();
      else if (!grid.edit(line, column, null)) grid.open(line);
    } else if (key === " " && grid.selectable() && (column < 0 || event.shiftKey || !grid.canEdit(line, column))) {
      if (line < 0) grid.toggleAll();
      else grid.toggle(line, event.shiftKey && column < 0);
    } else if (box && grid.editable() && (key === "Delete" || key === "Backspace")) grid.clear(box);
    else if (key === "Escape" && box && (box.top !== box.bottom || box.left !== box.right)) cells.moveTo(cells.at.value, false);
    else return key.length === 1 && grid.edit(line, column, key);
    return true;
  }

  /** Until the editor is there, what is typed gathers, Escape gives up, and no other key does anything to the table. */
  function meanwhile(event: KeyboardEvent): void {
    const { line, column } = cells.at.value;
    if (event.key === "Escape") grid.leave();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) grid.edit(line, column, event.key);
    event.preventDefault();
  }

  return (event) => {
    const target = event.target as HTMLElement;
    if (!target.matches("[data-cell], [data-typing]") || event.defaultPrevented || composing(event)) return;
    if (grid.waiting()) {
      meanwhile(event);
      return;
    }
    const { line } = cells.at.value;
    const to = moved(event);
    const found = line >= 0 && line < grid.lines().count ? grid.lines().at(line) : undefined;
    if (to) grid.show(...to, event.shiftKey && event.key !== "Tab" && line >= 0 && to[0] >= 0);
    else if (found?.kind === "group" && (event.key === "Enter" || event.key === " ")) grid.group(found.key);
    else if (event.ctrlKey || event.metaKey) {
      if (event.altKey || !control(event.key.toLowerCase(), event.shiftKey, cells.range.value)) return;
    } else if (event.altKey || !plain(event, cells.range.value)) return;
    event.preventDefault();
  };
}
