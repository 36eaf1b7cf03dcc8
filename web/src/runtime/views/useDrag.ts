import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from "vue";

/** Where the pointer is, and what it is over. */
export interface Spot {
  x: number;
  y: number;
  /** Way from where it was taken up. */
  dx: number;
  dy: number;
  over: Element | null;
}

export interface Drag<T> {
  /** What is being dragged; null when nothing is. */
  held: ShallowRef<T | null>;
  spot: ShallowRef<Spot | null>;
  /** A click that ends a drag is not a click. */
  dragged: Ref<boolean>;
  /** Begin on `pointerdown`: a mouse takes up after a few pixels, a finger by a handle or a long press. */
  begin: (event: PointerEvent, what: T) => void;
}

const FAR = 5;
const LONG_PRESS_MS = 350;
const EDGE = 48;
const STEP = 14;

interface Start {
  x: number;
  y: number;
  id: number;
  touch: boolean;
}

/** Scroll what lies under a pointer near its edge; what is dragged can so be carried anywhere. */
function nudge(spot: Spot): void {
  for (let at = spot.over; at; at = at.parentElement) {
    const box = at.getBoundingClientRect();
    const style = getComputedStyle(at);
    if (at.scrollWidth > at.clientWidth && /auto|scroll/.test(style.overflowX)) {
      if (spot.x > box.right - EDGE) at.scrollLeft += STEP;
      else if (spot.x < box.left + EDGE) at.scrollLeft -= STEP;
    }
    if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(style.overflowY)) {
      if (spot.y > box.bottom - EDGE) at.scrollTop += STEP;
      else if (spot.y < box.top + EDGE) at.scrollTop -= STEP;
    }
  }
}

/** Dragging with any pointer. `drop` is told where; Escape, a second finger or leaving the page takes it back. */
export function useDrag<T>(drop: (what: T, spot: Spot) => void): Drag<T> {
  const held = shallowRef<T | null>(null);
  const spot = shallowRef<Spot | null>(null);
  const dragged = ref(false);
  let start: Start | null = null;
  let wanted: T | null = null;
  let press: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  const spotOf = (x: number, y: number): Spot => ({ x, y, dx: x - start!.x, dy: y - start!.y, over: document.elementFromPoint(x, y) });

  function lift(): void {
    held.value = wanted;
    dragged.value = true;
    spot.value = spotOf(start!.x, start!.y);
    document.body.dataset.dragging = "";
    if (start!.touch) navigator.vibrate?.(10);
    const roll = (): void => {
      if (spot.value) nudge(spot.value);
      frame = requestAnimationFrame(roll);
    };
    frame = requestAnimationFrame(roll);
  }

  function stop(): void {
    clearTimeout(press);
    cancelAnimationFrame(frame);
    delete document.body.dataset.dragging;
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", stop);
    window.removeEventListener("keydown", onKey, true);
    document.removeEventListener("touchmove", onTouch);
    held.value = null;
    spot.value = null;
    start = null;
    wanted = null;
    // the click of this very release comes first
    setTimeout(() => (dragged.value = false));
  }

  function onMove(event: PointerEvent): void {
    if (!start || event.pointerId !== start.id) return;
    const far = Math.hypot(event.clientX - start.x, event.clientY - start.y);
    if (held.value === null) {
      if (start.touch && far > FAR * 2) return stop(); // the finger scrolls
      if (!start.touch && far > FAR) lift();
    }
    if (held.value !== null) spot.value = spotOf(event.clientX, event.clientY);
  }

  function onUp(event: PointerEvent): void {
    if (!start || event.pointerId !== start.id) return;
    const what = held.value;
    const where = what === null ? null : spotOf(event.clientX, event.clientY);
    stop();
    if (what !== null && where) drop(what, where);
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || held.value === null) return;
    event.stopPropagation();
    stop();
  }

  function onTouch(event: TouchEvent): void {
    if (held.value !== null) event.preventDefault();
  }

  function begin(event: PointerEvent, what: T): void {
    if (event.button !== 0 || start) return;
    const touch = event.pointerType !== "mouse";
    start = { x: event.clientX, y: event.clientY, id: event.pointerId, touch };
    wanted = what;
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", stop);
    window.addEventListener("keydown", onKey, true);
    document.addEventListener("touchmove", onTouch, { passive: false });
    if (!touch) return;
    if ((event.target as Element).closest("[data-handle]")) lift();
    else press = setTimeout(lift, LONG_PRESS_MS);
  }

  onScopeDispose(stop);
  return { held, spot, dragged, begin };
}
