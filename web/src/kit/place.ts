export type Side = "top" | "right" | "bottom" | "left";
export type Align = "start" | "center" | "end";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Place {
  left: number;
  top: number;
  maxHeight: number;
}

const GAP = 4;
const EDGE = 8;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, Math.max(low, high)));

function along(start: number, size: number, own: number, align: Align): number {
  if (align === "start") return start;
  return align === "end" ? start + size - own : start + size / 2 - own / 2;
}

/**
 * Where a popup of a size goes beside its anchor: on the wanted side when it fits or that side has more room, else on the
 * opposite one; never over the edge of the window.
 */
export function place(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
  side: Side,
  align: Align,
): Place {
  const right = anchor.left + anchor.width;
  const bottom = anchor.top + anchor.height;
  if (side === "left" || side === "right") {
    const [before, after] = [anchor.left - GAP - EDGE, view.width - right - GAP - EDGE];
    const toRight = side === "right" ? size.width <= after || after >= before : size.width > before && after > before;
    const left = toRight ? right + GAP : anchor.left - GAP - size.width;
    const maxHeight = view.height - 2 * EDGE;
    return {
      left: clamp(left, EDGE, view.width - size.width - EDGE),
      top: clamp(along(anchor.top, anchor.height, size.height, align), EDGE, view.height - Math.min(size.height, maxHeight) - EDGE),
      maxHeight,
    };
  }
  const [above, below] = [anchor.top - GAP - EDGE, view.height - bottom - GAP - EDGE];
  const down = side === "bottom" ? size.height <= below || below >= above : size.height > above && below > above;
  const maxHeight = Math.max(80, down ? below : above);
  const height = Math.min(size.height, maxHeight);
  return {
    left: clamp(along(anchor.left, anchor.width, size.width, align), EDGE, view.width - size.width - EDGE),
    top: down ? bottom + GAP : anchor.top - GAP - height,
    maxHeight,
  };
}
