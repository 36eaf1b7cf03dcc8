import type { FieldMeta, Json, RecordRow, Values } from "@/api/types";
import { addDays, instantOf, wallClock } from "@/kit/dates";

const DAY_MS = 86_400_000;

/** A record as a stretch of days: dates in the zone of the page, both included; minutes of the day where it has hours. */
export interface Item {
  row: RecordRow;
  from: string;
  to: string;
  /** Null for whole days. */
  begins: number | null;
  ends: number | null;
}

export interface SpanFields {
  start: FieldMeta;
  end: FieldMeta | undefined;
}

/** An hour, for a time without an end. */
const USUAL_MINUTES = 60;

export const dayNumber = (iso: string): number => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
export const timeOf = (minutes: number): string => {
  const whole = Math.max(0, Math.min(24 * 60 - 1, minutes));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
};

interface Point {
  day: string;
  minutes: number | null;
}

const point = (value: Json | undefined, zone: string): Point | null => {
  if (typeof value !== "string" || value.length < 10) return null;
  if (value.length === 10) return { day: value, minutes: null };
  const clock = wallClock(value, zone);
  return { day: clock.date, minutes: minutesOf(clock.time) };
};

/** Both ends of a record; null when it has no day. An end before the start counts as none. */
export function itemOf(row: RecordRow, fields: SpanFields, zone: string): Item | null {
  const value = row.values[fields.start.key];
  const [first, last] = Array.isArray(value) ? [value[0], value[1]] : [value, fields.end ? row.values[fields.end.key] : null];
  const start = point(first, zone);
  const end = point(last, zone);
  if (!start) return null;
  const timed = start.minutes !== null;
  if (!end || end.day < start.day || (timed && end.minutes !== null && end.day === start.day && end.minutes < start.minutes!))
    return { row, from: start.day, to: start.day, begins: start.minutes, ends: timed ? Math.min(24 * 60, start.minutes! + USUAL_MINUTES) : null };
  // what ends at midnight does not touch the day that begins
  if (timed && end.minutes === 0 && end.day > start.day) return { row, from: start.day, to: addDays(end.day, -1), begins: start.minutes, ends: 24 * 60 };
  return { row, from: start.day, to: end.day, begins: start.minutes, ends: timed ? (end.minutes ?? 24 * 60) : null };
}

/** Days change, hours and lengths stay: what to write when the start and the end move by days. */
export function shifted(row: RecordRow, fields: SpanFields, by: { start: number; end: number }, zone: string): Values {
  const value = row.values[fields.start.key];
  if (Array.isArray(value)) return { [fields.start.key]: [moveBy(value[0], by.start, zone), moveBy(value[1], by.end, zone)] };
  const values: Values = {};
  if (by.start) values[fields.start.key] = moveBy(value, by.start, zone);
  if (fields.end) {
    const end = row.values[fields.end.key];
    if (typeof end === "string" && by.end) values[fields.end.key] = moveBy(end, by.end, zone);
    else if (typeof end !== "string" && by.end !== by.start) values[fields.end.key] = endFrom(value, fields.end, by.end, zone);
  }
  return values;
}

/** An end for a record that had none: its start, moved, in the type of the end. */
function endFrom(start: Json | undefined, end: FieldMeta, days: number, zone: string): Json {
  const from = point(start, zone);
  if (!from) return null;
  const day = addDays(from.day, days);
  return end.type === "datetime" ? instantOf(day, timeOf(from.minutes ?? 18 * 60), zone) : day;
}

function moveBy(value: Json | undefined, days: number, zone: string): Json {
  if (typeof value !== "string" || !days) return value ?? null;
  if (value.length === 10) return addDays(value, days);
  const clock = wallClock(value, zone);
  const moved = Date.parse(instantOf(addDays(clock.date, days), clock.time, zone));
  const seconds = Date.parse(value) % 60_000; // the clock on the wall stops at minutes
  return new Date(moved + seconds).toISOString().replace(".000Z", "Z");
}

/** What to write when a time moves within its days: minutes are added to the start, the end or both. */
export function retimed(row: RecordRow, fields: SpanFields, by: { start: number; end: number }): Values {
  const add = (value: Json | undefined, minutes: number): Json =>
    typeof value === "string" && value.length > 10 ? new Date(Date.parse(value) + minutes * 60_000).toISOString().replace(".000Z", "Z") : (value ?? null);
  const value = row.values[fields.start.key];
  if (Array.isArray(value)) return { [fields.start.key]: [add(value[0], by.start), add(value[1], by.end)] };
  const values: Values = {};
  if (by.start) values[fields.start.key] = add(value, by.start);
  if (fields.end && by.end) {
    const end = row.values[fields.end.key];
    values[fields.end.key] = typeof end === "string" ? add(end, by.end) : by.start === by.end ? null : add(value, USUAL_MINUTES + by.end);
    if (values[fields.end.key] === null) delete values[fields.end.key];
  }
  return values;
}

/** Values of a new record on a day (and at a time, where the field has one). */
export function startingOn(fields: SpanFields, day: string, zone: string, minutes = 9 * 60): Values {
  if (fields.start.type === "date_range") return { [fields.start.key]: fields.start.options?.time === true ? [] : [day, day] };
  return { [fields.start.key]: fields.start.type === "datetime" ? instantOf(day, timeOf(minutes), zone) : day };
}
