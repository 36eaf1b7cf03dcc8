import { addDays, addMonths, weekday } from "@/kit/dates";

import { daysBetween, type Item } from "./span";

export type Mode = "month" | "week" | "day" | "agenda";

/** A stretch of an item within one row of days. */
export interface Segment {
  item: Item;
  lane: number;
  /** First column and number of columns. */
  column: number;
  span: number;
  /** It began before this row, it goes on after it. */
  before: boolean;
  after: boolean;
}

const longFirst = (a: Item, b: Item): number =>
  a.from.localeCompare(b.from) || daysBetween(b.from, b.to) - daysBetween(a.from, a.to) || (a.begins ?? -1) - (b.begins ?? -1);

/**
 * Bars of a row of days: each item gets the highest lane that is free for all its days, so that a bar never changes its
 * lane within a row and none lies upon another.
 */
export function lanes(days: readonly string[], items: readonly Item[]): Segment[] {
  const [first, last] = [days[0]!, days.at(-1)!];
  const free: number[] = [];
  return items
    .filter((item) => item.from <= last && item.to >= first)
    .sort(longFirst)
    .map((item) => {
      const column = Math.max(0, daysBetween(first, item.from));
      const end = Math.min(days.length - 1, daysBetween(first, item.to));
      let lane = free.findIndex((next) => next <= column);
      if (lane < 0) lane = free.length;
      free[lane] = end + 1;
      return { item, lane, column, span: end - column + 1, before: item.from < first, after: item.to > last };
    });
}

/** How many bars of a day do not fit into a number of lanes. */
export const hiddenOn = (segments: readonly Segment[], column: number, room: number): number =>
  segments.filter((one) => one.lane >= room && one.column <= column && column < one.column + one.span).length;

/** An item among those of the same hours: its column of how many. */
export interface Slot {
  item: Item;
  begins: number;
  ends: number;
  column: number;
  columns: number;
}

/** Items with hours of one day side by side where they overlap. */
export function slots(day: string, items: readonly Item[]): Slot[] {
  const timed = items
    .filter((item) => item.begins !== null && item.from <= day && item.to >= day)
    .map((item) => {
      const begins = item.from === day ? item.begins! : 0;
      const ends = item.to === day ? item.ends! : 24 * 60;
      return { item, begins, ends: Math.max(ends, begins + 15), column: 0, columns: 1 };
    })
    .sort((a, b) => a.begins - b.begins || b.ends - a.ends);
  let group: Slot[] = [];
  let until = -1;
  const settle = (): void => {
    const columns = Math.max(1, ...group.map((one) => one.column + 1));
    for (const one of group) one.columns = columns;
    group = [];
  };
  for (const one of timed) {
    if (one.begins >= until) settle();
    const taken = new Set(group.filter((other) => other.ends > one.begins).map((other) => other.column));
    while (taken.has(one.column)) one.column += 1;
    group.push(one);
    until = Math.max(until, one.ends);
  }
  settle();
  return timed;
}

/** The weeks a month shows; `first` is the weekday (1 Monday … 7 Sunday) each begins with. */
export function monthWeeks(day: string, first: number): string[][] {
  const start = `${day.slice(0, 8)}01`;
  const end = addDays(addMonths(start, 1), -1);
  const begin = addDays(start, -((weekday(start) - first + 7) % 7));
  const weeks = Math.ceil((daysBetween(begin, end) + 1) / 7);
  return Array.from({ length: weeks }, (_, week) => Array.from({ length: 7 }, (_, at) => addDays(begin, week * 7 + at)));
}

export function weekOf(day: string, first: number): string[] {
  const begin = addDays(day, -((weekday(day) - first + 7) % 7));
  return Array.from({ length: 7 }, (_, at) => addDays(begin, at));
}

const AGENDA_DAYS = 30;

/** The days a mode shows. */
export function daysOf(mode: Mode, day: string, first: number): string[] {
  if (mode === "day") return [day];
  if (mode === "week") return weekOf(day, first);
  if (mode === "agenda") return Array.from({ length: AGENDA_DAYS }, (_, at) => addDays(day, at));
  return monthWeeks(day, first).flat();
}

/** The day a step forth or back leads to. */
export function stepped(mode: Mode, day: string, step: number): string {
  if (mode === "month") return `${addMonths(`${day.slice(0, 8)}01`, step).slice(0, 8)}01`;
  return addDays(day, step * (mode === "week" ? 7 : mode === "day" ? 1 : AGENDA_DAYS));
}

const MONTHS = ["正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月"];
const DIGITS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
const chinese = new Intl.DateTimeFormat("en-u-ca-chinese", { month: "numeric", day: "numeric", timeZone: "UTC" });

/** The day in the Chinese calendar: 初一 … 三十; the first of a month is its name (闰 before a leap month). */
export function lunarDay(iso: string): string {
  const parts = Object.fromEntries(chinese.formatToParts(new Date(`${iso}T00:00:00Z`)).map((part) => [part.type, part.value]));
  const day = Number(parts.day);
  if (day === 1) {
    const month = parts.month ?? "";
    return (/bis/.test(month) ? "闰" : "") + (MONTHS[Number.parseInt(month, 10) - 1] ?? "");
  }
  if (day <= 10) return `初${DIGITS[day - 1]}`;
  if (day === 20) return "二十";
  if (day === 30) return "三十";
  return `${day < 20 ? "十" : "廿"}${DIGITS[(day % 10) - 1]}`;
}
