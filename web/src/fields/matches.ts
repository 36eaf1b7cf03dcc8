/**
 * Whether a value meets a condition of a filter, with the server's meaning: `[operator, field, operand]` over values and
 * operands in the API's JSON. Runs in Node too, so it imports nothing of the page.
 */
import type { Json } from "@/api/types";

import { compareDecimals, parseDecimal } from "../kit/decimals.ts";
import { plainText } from "./richText.ts";

/** The person who asks, the day it is, and the zone of the application. */
export interface Asking {
  user: string;
  today: string;
  zone: string;
}

export interface Compared {
  type: string;
  options?: Readonly<Record<string, unknown>>;
}

type Decide = (value: Json, operator: string, operand: Json, field: Compared, asking: Asking) => boolean | null;
type Order = (a: Json, b: Json) => number;

const blankTest = (blank: boolean, operator: string): boolean | undefined =>
  operator === "blank" ? blank : operator === "not_blank" ? !blank : undefined;

/** ASCII letters only: what databases do alike. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function texts(value: Json, operator: string, operand: Json): boolean | null {
  const text = typeof value === "string" && value !== "" ? value : null;
  const known = blankTest(text === null, operator);
  if (known !== undefined) return known;
  if (Array.isArray(operand)) return (text !== null && operand.includes(text)) === (operator === "in");
  const part = String(operand ?? "");
  switch (operator) {
    case "=":
      return text === part;
    case "<>":
      return text !== part;
    case "contains":
      return text !== null && lower(text).includes(lower(part));
    case "not_contains":
      return text === null || !lower(text).includes(lower(part));
    case "starts_with":
      return text !== null && lower(text).startsWith(lower(part));
    case "ends_with":
      return text !== null && lower(text).endsWith(lower(part));
  }
  return null;
}

const rich: Decide = (value, operator, operand) =>
  texts(operator.endsWith("blank") || typeof value !== "string" ? value : plainText(value) || " ", operator, operand);

/** Values with an order, by a function that compares two. */
function ordered(order: Order): Decide {
  return (value, operator, operand) => {
    const none = value === null || value === undefined || value === "";
    const known = blankTest(none, operator);
    if (known !== undefined) return known;
    const same = (one: Json): boolean => !none && order(value, one) === 0;
    switch (operator) {
      case "=":
        return same(operand);
      case "<>":
        return !same(operand);
      case "in":
        return Array.isArray(operand) && operand.some(same);
      case "not_in":
        return !(Array.isArray(operand) && operand.some(same));
      case "between":
        return !none && Array.isArray(operand) && order(value, operand[0] ?? null) >= 0 && order(value, operand[1] ?? null) <= 0;
      case "<":
        return !none && order(value, operand) < 0;
      case "<=":
        return !none && order(value, operand) <= 0;
      case ">":
        return !none && order(value, operand) > 0;
      case ">=":
        return !none && order(value, operand) >= 0;
    }
    return null;
  };
}

const digits = (raw: Json): string => {
  const text = typeof raw === "number" ? raw.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 }) : String(raw);
  return parseDecimal(text) ?? "0";
};
const numbers = ordered((a, b) => compareDecimals(digits(a), digits(b)));
const plain = (raw: Json): string => String(raw ?? "");
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const clock = (raw: Json): string => plain(raw).padEnd(8, ":00");
const clocks = ordered((a, b) => order(clock(a), clock(b)));
const seconds = ordered((a, b) => Number(a) - Number(b));

// -- days, instants and spans of the calendar ------------------------------------------------------------------------

const MIN_DAY = "0001-01-01";
const MAX_DAY = "9999-12-31";
const MIN_INSTANT = "0001-01-02T00:00:00.000000Z";
const MAX_INSTANT = "9999-12-30T23:59:59.999999Z";

/** A stretch whose `end` does not belong to it. */
interface Span {
  start: string;
  end: string;
}

function utc(year: number, month: number, day: number): Date {
  const made = new Date(0);
  made.setUTCFullYear(year, month - 1, day);
  return made;
}

function dayText(date: Date): string {
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year > 9999) return MAX_DAY;
  return year < 1 ? MIN_DAY : `${String(year).padStart(4, "0")}-${String(date.getUTCMonth() + 1).padStart(2, "0")}-${String(date.getUTCDate()).padStart(2, "0")}`;
}

const dayOf = (text: string): Date => utc(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)));
const MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 };

function unitStart(today: string, unit: string): Date {
  const day = dayOf(today);
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth() + 1];
  if (unit === "week") return utc(year, month, day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  if (unit === "month") return utc(year, month, 1);
  if (unit === "quarter") return utc(year, Math.floor((month - 1) / 3) * 3 + 1, 1);
  return unit === "year" ? utc(year, 1, 1) : day;
}

function moved(start: Date, unit: string, count: number): string {
  const months = MONTHS[unit];
  if (months) {
    const all = start.getUTCFullYear() * 12 + start.getUTCMonth() + count * months;
    if (all < 12) return MIN_DAY;
    return all >= 120_000 ? MAX_DAY : dayText(utc(Math.floor(all / 12), (all % 12) + 1, start.getUTCDate()));
  }
  return dayText(utc(start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate() + count * (unit === "week" ? 7 : 1)));
}

const dayAfter = (day: string): string => (day >= MAX_DAY ? MAX_DAY : moved(dayOf(day), "day", 1));

/** The days a span of the calendar means; null for anything else. */
function daysOf(raw: Json, today: string): Span | null {
  if (raw === null || typeof raw !== "object" || Array.isArray(raw)) return null;
  if ("from" in raw || "to" in raw) return { start: plain(raw.from ?? null) || MIN_DAY, end: raw.to ? dayAfter(plain(raw.to)) : MAX_DAY };
  const unit = plain(raw.this ?? raw.unit ?? "day");
  const first = unitStart(today, unit);
  const whole = raw.complete === true;
  if (typeof raw.last === "number") return { start: moved(first, unit, (whole ? 0 : 1) - raw.last), end: moved(first, unit, whole ? 0 : 1) };
  if (typeof raw.next === "number") return { start: moved(first, unit, whole ? 1 : 0), end: moved(first, unit, (whole ? 1 : 0) + raw.next) };
  return "this" in raw ? { start: dayText(first), end: moved(first, unit, 1) } : null;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that the clocks of a zone are ahead at an instant. */
function ahead(instant: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
    formats.set(zone, (format = new Intl.DateTimeFormat("en-US", { ...parts, hourCycle: "h23", timeZone: zone })));
  }
  const found = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
  const local = utc(found.year!, found.month!, found.day!);
  return local.getTime() + ((found.hour! * 60 + found.minute!) * 60 + found.second!) * 1000 - Math.floor(instant / 1000) * 1000;
}

function midnight(day: string, zone: string): string {
  if (day <= "0001-01-02") return MIN_INSTANT;
  if (day > "9999-12-30") return MAX_INSTANT;
  const local = dayOf(day).getTime();
  const first = local - ahead(local, zone);
  return fixed(new Date(local - ahead(first, zone)).toISOString());
}

/** Instants as text of one width, so that their order is that of their letters. */
function fixed(raw: Json): string {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)$/i.exec(plain(raw));
  if (!found) return plain(raw);
  const micros = (found[4] ?? "").padEnd(6, "0");
  if (found[5]!.toUpperCase() === "Z") return `${found[1]}T${found[2]}:${found[3] ?? "00"}.${micros}Z`;
  return new Date(`${found[1]}T${found[2]}:${found[3] ?? "00"}${found[5]}`).toISOString().replace(/\.\d+Z$/, `.${micros}Z`);
}

function timed(instants: boolean): Decide {
  const point = (raw: Json): string => (instants ? fixed(raw) : plain(raw));
  const points = ordered((a, b) => order(point(a), point(b)));
  const spanOf = (raw: Json, asking: Asking): Span | null => {
    const days = daysOf(raw, asking.today) ?? (instants && typeof raw === "string" && raw.length === 10 ? { start: raw, end: dayAfter(raw) } : null);
    return days && instants ? { start: midnight(days.start, asking.zone), end: midnight(days.end, asking.zone) } : days;
  };
  const decide: Decide = (value, operator, operand, field, asking) => {
    if (Array.isArray(operand)) {
      if (operator === "between") return decide(value, ">=", operand[0] ?? null, field, asking)! && decide(value, "<=", operand[1] ?? null, field, asking)!;
      return operand.some((one) => decide(value, "=", one, field, asking)) === (operator === "in");
    }
    const span = operator.endsWith("blank") ? null : spanOf(operand, asking);
    if (!span) return points(value, operator, operand, field, asking);
    const at = value === null ? null : point(value);
    const inside = at !== null && at >= span.start && at < span.end;
    switch (operator) {
      case "=":
      case "within":
        return inside;
      case "<>":
        return !inside;
      case "<":
        return at !== null && at < span.start;
      case "<=":
        return at !== null && at < span.end;
      case ">":
        return at !== null && at >= span.end;
      case ">=":
        return at !== null && at >= span.start;
    }
    return null;
  };
  return decide;
}

/** Periods: both ends belong to them, and to what they are compared with. */
const periods: Decide = (value, operator, operand, field, asking) => {
  const instants = field.options?.time === true;
  const point = (raw: Json | undefined): string => (instants ? fixed(raw ?? null) : plain(raw ?? null));
  const held = Array.isArray(value) && value.length === 2 ? [point(value[0]), point(value[1])] : null;
  const known = blankTest(held === null, operator);
  if (known !== undefined) return known;
  if (!held) return operator === "<>";
  const day = typeof operand === "string" && operand.length === 10 ? { start: operand, end: dayAfter(operand) } : null;
  const days = daysOf(operand, asking.today) ?? day;
  let [low, high] = Array.isArray(operand) ? [point(operand[0]), point(operand[1])] : [point(operand), point(operand)];
  if (days && instants) {
    low = midnight(days.start, asking.zone);
    high = before(midnight(days.end, asking.zone), low);
  } else if (days) [low, high] = [days.start, typeof operand === "string" || days.end === days.start ? days.start : moved(dayOf(days.end), "day", -1)];
  const [first, last] = held as [string, string];
  switch (operator) {
    case "=":
      return first === low && last === high;
    case "<>":
      return first !== low || last !== high;
    case "overlaps":
      return first <= high && last >= low;
    case "inside":
      return first >= low && last <= high;
    case "covers":
      return first <= low && last >= high;
  }
  return null;
};

/** The last moment before an instant, not before `least`. */
function before(instant: string, least: string): string {
  if (!instant.endsWith(".000000Z")) return `${instant.slice(0, -2)}${Number(instant.slice(-2, -1)) - 1}Z`;
  const made = new Date(new Date(instant).getTime() - 1000).toISOString().replace(/\.\d+Z$/, ".999999Z");
  return made < least ? least : made;
}

// -- choices, people, records ----------------------------------------------------------------------------------------

const idOf = (raw: Json): Json => (raw && typeof raw === "object" && !Array.isArray(raw) ? (raw.id ?? null) : raw);
const me = (raw: Json, asking: Asking): Json => (raw === "@me" ? asking.user : idOf(raw));

const single: Decide = (value, operator, operand, _field, asking) =>
  texts(idOf(value), operator, Array.isArray(operand) ? operand.map((one) => me(one, asking)) : me(operand, asking));

const several: Decide = (value, operator, operand, _field, asking) => {
  const held = Array.isArray(value) ? value.map(idOf) : [];
  const known = blankTest(held.length === 0, operator);
  if (known !== undefined) return known;
  const wanted = (Array.isArray(operand) ? operand : [operand]).map((one) => me(one, asking));
  if (operator === "has_any") return wanted.some((one) => held.includes(one));
  if (operator === "has_all") return wanted.every((one) => held.includes(one));
  return operator === "has_none" ? !wanted.some((one) => held.includes(one)) : null;
};

const flags: Decide = (value, operator, operand) => (value === true) === (operand === true) === (operator === "=");
const present: Decide = (value, operator) => blankTest(value === null || value === "" || (Array.isArray(value) && !value.length), operator) ?? null;

const BY_TYPE: Readonly<Record<string, Decide>> = {
  text: texts, textarea: texts, email: texts, phone: texts, url: texts, id_number: texts, barcode: texts, serial: texts,
  rich_text: rich,
  number: numbers, currency: numbers, percent: numbers, rating: numbers, progress: numbers,
  duration: seconds, time: clocks, date: timed(false), datetime: timed(true), date_range: periods,
  switch: flags, boolean: flags,
  select: single, radio: single, user: single, link_one: single,
  multi_select: several, checkbox_group: several, users: several, link_many: several,
  file: present, image: present, signature: present, audio: present, secret: present,
};

/**
 * Decide a condition. Null where this cannot be known in the browser: an unknown type, or an operator that needs what
 * only the server has (departments below one, places near one, branches of a tree).
 */
export function matches(field: Compared, value: Json, operator: string, operand: Json, asking: Asking): boolean | null {
  const computed = field.type === "formula" || field.type === "lookup" || field.type === "rollup";
  const decide = BY_TYPE[computed ? String(field.options?.result ?? "text") : field.type];
  return decide ? decide(value ?? null, operator, operand, field, asking) : null;
}
