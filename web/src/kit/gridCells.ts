import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { filled, rangeOf, type Cell, type CellRange } from "./gridLines";

export interface GridCells {
  /** Cell the keyboard is at; line -1 is the header, column -1 the check boxes. */
  at: Ref<Cell>;
  /** The rectangle that copies, fills and clearing are about; null while the focus is on a heading or a check box. */
  range: ComputedRef<CellRange | null>;
  /** While the fill handle is dragged: what it would fill. */
  filling: ShallowRef<CellRange | null>;
  moveTo: (cell: Cell, extend: boolean) => void;
  selectAll: () => void;
  /** A press on a cell; the rectangle follows the pointer until it is let go. */
  press: (cell: Cell, event: PointerEvent) => void;
  over: (cell: Cell) => void;
  startFill: (event: PointerEvent, done: (from: CellRange, to: CellRange) => void) => void;
  dragged: () => boolean;
}

/** Which cell of a grid is current and which rectangle is selected, by keyboard and by pointer. */
export function useGridCells(lines: () => number, columns: () => number, first: () => number): GridCells {
  const at = ref<Cell>({ line: 0, column: 0 });
  const anchor = shallowRef<Cell | null>(null);
  const filling = shallowRef<CellRange | null>(null);
  const inBody = (cell: Cell): boolean => cell.line >= 0 && cell.column >= 0;
  const range = computed(() => (inBody(at.value) ? rangeOf(anchor.value && inBody(anchor.value) ? anchor.value : at.value, at.value) : null));
  let pressed = false;
  let moved = false;
  let fill: { from: CellRange; done: (from: CellRange, to: CellRange) => void } | null = null;

  function clamp(cell: Cell): Cell {
    return {
      line: Math.max(-1, Math.min(cell.line, lines() - 1)),
      column: Math.max(first(), Math.min(cell.column, columns() - 1)),
    };
  }

  function moveTo(cell: Cell, extend: boolean): void {
    const next = clamp(cell);
    if (extend && inBody(next)) anchor.value ??= at.value;
    else anchor.value = null;
    at.value = next;
  }

  function release(): void {
    pressed = false;
    if (fill && filling.value) fill.done(fill.from, filling.value);
    fill = null;
    filling.value = null;
    removeEventListener("pointerup", release);
    removeEventListener("pointercancel", release);
  }
  function listen(): void {
    addEventListener("pointerup", release);
    addEventListener("pointercancel", release);
  }

  return {
    at,
    range,
    filling,
    moveTo,
    selectAll() {
      if (!lines() || !columns()) return;
      anchor.value = { line: 0, column: 0 };
      at.value = { line: lines() - 1, column: columns() - 1 };
    },
    press(cell, event) {
      if (event.button !== 0 || event.pointerType === "touch") return;
      pressed = true;
      moved = false;
      moveTo(cell, event.shiftKey);
      listen();
    },
    over(cell) {
      if (fill) {
        const to = filled(fill.from, clamp(cell));
        filling.value = to;
      } else if (pressed && (cell.line !== at.value.line || cell.column !== at.value.column)) {
        moved = true;
        moveTo(cell, true);
      }
    },
    startFill(event, done) {
      if (!range.value || event.button !== 0) return;
      event.preventDefault();
      fill = { from: range.value, done };
      filling.value = range.value;
      listen();
    },
    dragged: () => moved,
  };
}
