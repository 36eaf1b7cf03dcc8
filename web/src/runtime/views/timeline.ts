import type { Json } from "@/api/types";
import { addDays, addMonths, weekday } from "@/kit/dates";

import { daysBetween, type Item } from "./span";

export type Zoom = "day" | "week" | "month" | "quarter";
export const ZOOMS: readonly Zoom[] = ["day", "week", "month", "quarter"];

/** Width of a day, days shown at once, and months between two steps of the line of dates above. */
const SCALES: Record<Zoom, { day: number; days: number; back: number }> = {
  day: { day: 36, days: 92, back: 14 },
  week: { day: 14, days: 240, back: 35 },
  month: { day: 5, days: 730, back: 90 },
  quarter: { day: 2, days: 1_460, back: 365 },
};

export interface Scale {
  zoom: Zoom;
  from: string;
  to: string;
  /** Pixels of a day. */
  day: number;
  width: number;
}

/** A stretch of time around a day. */
export function scaleAround(zoom: Zoom, day: string): Scale {
  const { day: width, days, back } = SCALES[zoom];
  const wanted = addDays(day, -back);
  const from = zoom === "day" ? wanted : zoom === "week" ? addDays(wanted, 1 - weekday(wanted)) : `${wanted.slice(0, 8)}01`;
  return { zoom, from, to: addDays(from, days - 1), day: width, width: days * width };
}

export const stepDays = (zoom: Zoom): number => Math.round(SCALES[zoom].days / 3);

export const xOf = (scale: Scale, day: string): number => daysBetween(scale.from, day) * scale.day;

/** Where a bar stands; cut at the ends of the scale. Null when it is outside. */
export function barOf(scale: Scale, item: Pick<Item, "from" | "to">): { x: number; width: number; before: boolean; after: boolean } | null {
  if (item.to < scale.from || item.from > scale.to) return null;
  const before = item.from < scale.from;
  const after = item.to > scale.to;
  const x = before ? 0 : xOf(scale, item.from);
  const end = after ? scale.width : xOf(scale, item.to) + scale.day;
  return { x, width: Math.max(4, end - x), before, after };
}

export interface Tick {
  day: string;
  x: number;
  width: number;
}

/** Stretches of the scale that begin with the days `next` leads to. */
function ticks(scale: Scale, first: string, next: (day: string) => string): Tick[] {
  const found: Tick[] = [];
  for (let day = first; day <= scale.to; day = next(day)) {
    const from = day < scale.from ? scale.from : day;
    const after = next(day);
    const until = after > scale.to ? addDays(scale.to, 1) : after;
    found.push({ day, x: xOf(scale, from), width: daysBetween(from, until) * scale.day });
  }
  return found;
}

const month = (day: string): string => `${day.slice(0, 8)}01`;
const quarter = (day: string): string => `${day.slice(0, 5)}${String(Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1).padStart(2, "0")}-01`;

/** The two lines of dates: months over days, months over weeks, years over months, years over quarters. */
export function heads(scale: Scale): { major: Tick[]; minor: Tick[] } {
  const year = (day: string): string => `${day.slice(0, 4)}-01-01`;
  switch (scale.zoom) {
    case "day":
      return { major: ticks(scale, month(scale.from), (day) => addMonths(day, 1)), minor: ticks(scale, scale.from, (day) => addDays(day, 1)) };
    case "week":
      return { major: ticks(scale, month(scale.from), (day) => addMonths(day, 1)), minor: ticks(scale, scale.from, (day) => addDays(day, 7)) };
    case "month":
      return { major: ticks(scale, year(scale.from), (day) => addMonths(day, 12)), minor: ticks(scale, month(scale.from), (day) => addMonths(day, 1)) };
    case "quarter":
      return { major: ticks(scale, year(scale.from), (day) => addMonths(day, 12)), minor: ticks(scale, quarter(scale.from), (day) => addMonths(day, 3)) };
  }
}

export interface Node<T> {
  item: T;
  depth: number;
}

/** Items below the one they belong to, in the order given; whose parent is not there stands at the top. */
export function nested<T>(items: readonly T[], idOf: (item: T) => string, parentOf: (item: T) => Json | undefined): Node<T>[] {
  const ids = new Set(items.map(idOf));
  const below = new Map<string, T[]>();
  for (const item of items) {
    const parent = parentOf(item);
    const key = typeof parent === "string" && parent !== idOf(item) && ids.has(parent) ? parent : "";
    below.set(key, [...(below.get(key) ?? []), item]);
  }
  const found: Node<T>[] = [];
  const seen = new Set<string>();
  const walk = (key: string, depth: number): void => {
    for (const item of below.get(key) ?? []) {
      if (seen.has(idOf(item))) continue;
      seen.add(idOf(item));
      found.push({ item, depth });
      walk(idOf(item), depth + 1);
    }
  };
  walk("", 0);
  // a circle among those shown has no top: they follow as they are
  for (const item of items) if (!seen.has(idOf(item))) found.push({ item, depth: 0 });
  return found;
}

export interface LoadRule {
  /** Work of an item; undefined counts items. */
  hours?: ((item: Item) => number) | undefined;
  works: (day: string) => boolean;
  capacity: number;
}

/** How much each day carries: items counted, or their hours spread over the days that are worked. */
export function loads(days: readonly string[], items: readonly Item[], rule: LoadRule): number[] {
  const sums = days.map(() => 0);
  const first = days[0]!;
  for (const item of items) {
    const length = daysBetween(item.from, item.to) + 1;
    let worked = 0;
    if (rule.hours) for (let at = 0; at < length; at += 1) worked += rule.works(addDays(item.from, at)) ? 1 : 0;
    const share = rule.hours ? rule.hours(item) / (worked || length) : 1;
    const [low, high] = [Math.max(0, daysBetween(first, item.from)), Math.min(days.length - 1, daysBetween(first, item.to))];
    for (let at = low; at <= high; at += 1) if (!rule.hours || !worked || rule.works(days[at]!)) sums[at]! += share;
  }
  return sums;
}

/** Days that carry more than there is room for; next to nothing over is not too much. */
export const overloaded = (sums: readonly number[], capacity: number): boolean[] => sums.map((sum) => sum > capacity + 1e-9);

/** The line from the end of one bar to the start of the next, around the rows between them. */
export function linkPath(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const out = from.x + 10;
  const into = to.x - 10;
  if (into >= out) return `M${from.x} ${from.y}H${out}V${to.y}H${to.x}`;
  const middle = (from.y + to.y) / 2;
  return `M${from.x} ${from.y}H${out}V${middle}H${into}V${to.y}H${to.x}`;
}
