import { shallowRef, type ShallowRef } from "vue";

import type { RecordRow, Values } from "@/api/types";
import { t } from "@/i18n";
import { addDays } from "@/kit/dates";

import type { ViewHost } from "../list/viewKinds";
import { retimed, shifted, type Item, type SpanFields } from "./span";
import type { ViewFields } from "./useView";
import type { Writes } from "./useWrites";

/** How far the ends of an item are being moved: days, or minutes where hours are shown. */
export interface Shift {
  item: Item;
  start: number;
  end: number;
  unit: "day" | "minute";
  /** Another row it is carried to. */
  row?: string;
  keyboard?: boolean;
}

export interface Shifts {
  shift: ShallowRef<Shift | null>;
  movable: () => boolean;
  resizable: () => boolean;
  /** The item as it would be. */
  preview: (item: Item) => Item;
  commit: (more?: Values, to?: string) => Promise<void>;
  cancel: () => void;
  /** Lift with space, move with arrows, resize with shift, drop with space. True: the key was used. */
  key: (event: KeyboardEvent, item: Item, steps: KeySteps) => boolean;
}

export interface KeySteps {
  unit: "day" | "minute";
  side: number;
  way: number;
}

const DAY_MINUTES = 24 * 60;

export function previewed(item: Item, shift: Shift | null): Item {
  if (!shift || shift.item.row.id !== item.row.id) return item;
  if (shift.unit === "day") {
    const from = addDays(item.from, shift.start);
    const to = addDays(item.to, shift.end);
    return { ...item, from: from > to && !shift.start ? item.from : from, to: to < from ? from : to };
  }
  const move = (day: string, minutes: number, by: number): { day: string; minutes: number } => {
    const total = minutes + by;
    const days = Math.floor(total / DAY_MINUTES);
    return { day: addDays(day, days), minutes: total - days * DAY_MINUTES };
  };
  if (item.begins === null || item.ends === null) return item;
  const start = move(item.from, item.begins, shift.start);
  const end = move(item.to, item.ends - 1, shift.end);
  return { ...item, from: start.day, begins: start.minutes, to: end.day < start.day ? start.day : end.day, ends: end.minutes + 1 };
}

/** Moving and resizing of records along time, with any pointer and with the keyboard; written like every change. */
export function useShift(
  host: ViewHost,
  fields: ViewFields,
  writes: Writes,
  when: () => SpanFields | undefined,
  written: (row: RecordRow) => void,
  extra: () => Values = () => ({}),
): Shifts {
  const shift = shallowRef<Shift | null>(null);
  const movable = (): boolean => fields.writable(when()?.start, when()?.end);
  const resizable = (): boolean => movable() && (when()?.end !== undefined || when()?.start.type === "date_range");

  const words = (item: Item): string => (item.from === item.to ? item.from : `${item.from} – ${item.to}`) + (item.begins === null ? "" : ` ${clock(item.begins)}`);
  const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

  async function commit(more: Values = {}, to = ""): Promise<void> {
    const now = shift.value;
    const at = when();
    if (!now || !at) return;
    const by = { start: now.start, end: now.end };
    const moves = now.start || now.end ? (now.unit === "day" ? shifted(now.item.row, at, by, host.ctx.zone) : retimed(now.item.row, at, by)) : {};
    const values = { ...moves, ...more };
    if (!Object.keys(values).length) return cancel();
    const target = previewed(now.item, now);
    const row = await writes.write(now.item.row, values, t("views.moved", { name: fields.title(now.item.row), to: to || words(target) }));
    shift.value = null;
    if (row) written(row);
  }
  function cancel(): void {
    shift.value = null;
  }

  function key(event: KeyboardEvent, item: Item, steps: KeySteps): boolean {
    if (event.altKey || event.ctrlKey || event.metaKey || !movable()) return false;
    const now = shift.value;
    if (!now) {
      if (event.key !== " ") return false;
      shift.value = { item, start: 0, end: 0, unit: steps.unit, keyboard: true };
      writes.tell(t("views.lifted", { name: fields.title(item.row) }));
      event.preventDefault();
      return true;
    }
    if (event.key === "Escape") {
      cancel();
      writes.tell(t("views.putBack", { name: fields.title(item.row) }));
    } else if (event.key === " " || event.key === "Enter") {
      void commit(extra());
    } else {
      const by = { ArrowLeft: -steps.side, ArrowRight: steps.side, ArrowUp: -steps.way, ArrowDown: steps.way }[event.key];
      if (!by) return false;
      const start = event.shiftKey && resizable() ? now.start : now.start + by;
      const end = now.end + by;
      const short = now.unit === "day" ? addDays(item.to, end) < addDays(item.from, start) : (item.ends ?? 0) + end <= (item.begins ?? 0) + start;
      if (!(event.shiftKey && short && item.from === item.to)) shift.value = { ...now, start, end };
      writes.tell(words(previewed(item, shift.value)));
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { shift, movable, resizable, preview: (item) => previewed(item, shift.value), commit, cancel, key };
}
