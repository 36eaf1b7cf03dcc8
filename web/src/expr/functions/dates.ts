/** Functions over dates, instants and durations. Instants show the clocks of the application zone. */
import { type Decimal, ONE, ZERO, abs, divide, integer, whole } from "../decimal.ts";
import type { Env } from "../env.ts";
import { Fault } from "../faults.ts";
import {
  type Civil, FARTHEST, LAST, addDurations, civil, clock, dateOf, dated, duration, floorMod, isoWeekday, makeDate, midnight,
  monthEnd, monthLength, ordinal, realDate, shiftDays, shiftInstant, shiftMonths, timeOf, total,
} from "../moments.ts";
import type { Builder, Entry, Fn, Table } from "../table.ts";
import { strip } from "../text.ts";
import { type Call, kindOf } from "../tree.ts";
import { instantOf, wallOf } from "../zones.ts";

const SECONDS: Readonly<Record<string, number>> = { hour: 3600, minute: 60, second: 1 };
const UNITS: Readonly<Record<string, number>> = { week: 604_800, day: 86_400, ...SECONDS };
const DAYS: Readonly<Record<string, bigint>> = { week: 7n, day: 1n };
const MONTHS: Readonly<Record<string, bigint>> = { year: 12n, quarter: 3n, month: 1n };
const MOST_CLOCK = 10_000_000n * ONE;
const DATE_TEXT = /^(\d{4})(?:-|\/|年)(\d{1,2})(?:-|\/|月)(\d{1,2})日?$/;

const part = (read: (date: number) => number): Entry => ({ run: (date: number) => whole(read(date)) });

function clockPart(name: "hour" | "minute" | "second"): Entry {
  return { run: (env: Env, instant: bigint) => whole(clock(timeOf(wallOf(instant, env.zone)))[name]), env: true };
}

/** Kinds 1 (Sunday is 1), 2 (Monday is 1), 3 (Monday is 0), 11 to 17 (Monday to Sunday is 1). */
function weekday(date: number, kind: Decimal = ONE): Decimal {
  const code = integer(kind);
  if (code === 3) return whole(isoWeekday(date) - 1);
  return whole(floorMod(isoWeekday(date) - weekStart(code), 7) + 1);
}

function weekStart(code: number): number {
  if (code === 1) return 7;
  if (code === 2) return 1;
  if (code >= 11 && code <= 17) return code - 10;
  throw Fault.NUM;
}

/** The week with 1 January is the first; kind 21 is the ISO week. */
function weekNumber(date: number, kind: Decimal = ONE): Decimal {
  const code = integer(kind);
  if (code === 21) return isoWeek(date);
  const start = weekStart(code);
  const first = ordinal(civil(date).year, 1, 1);
  return whole(Math.floor((date - first + floorMod(isoWeekday(first) - start, 7)) / 7) + 1);
}

function isoWeek(date: number): Decimal {
  const thursday = date - isoWeekday(date) + 4;
  return whole(Math.floor((thursday - ordinal(civil(thursday).year, 1, 1)) / 7) + 1);
}

function startOf(date: number, unit: string): number {
  const { year, month } = civil(date);
  if (unit === "week") return dated(date - isoWeekday(date) + 1);
  return ordinal(year, unit === "month" ? month : unit === "quarter" ? Math.floor((month - 1) / 3) * 3 + 1 : 1, 1);
}

function shiftDate(date: number, amount: Decimal, unit: string): number {
  const months = MONTHS[unit];
  return months ? shiftMonths(date, amount * months) : shiftDays(date, amount * DAYS[unit]!);
}

/** DATEADD: dates by years to days, instants by any unit; days and months by the wall clock. */
function dateAdd(build: Builder, node: Call): Fn {
  const [moment, amount, word] = node.a.map((arg) => build.argument(arg));
  const isDate = kindOf(node.a[0]!.t) !== "datetime";
  return (env) => {
    const [from, by, unit] = [moment!(env), amount!(env), word!(env)];
    if (from === null || by === null || unit === null) return null;
    const name = String(unit).toLowerCase();
    const whole = ((by as Decimal) / ONE) * ONE;
    const seconds = SECONDS[name];
    if (seconds) {
      const instant = isDate ? instantOf(midnight(from as number), env.zone) : (from as bigint);
      return shiftInstant(instant, duration(whole, seconds));
    }
    if (abs(by as Decimal) > FARTHEST) throw Fault.NUM;
    if (isDate) return shiftDate(from as number, whole, name);
    const wall = wallOf(from as bigint, env.zone);
    return instantOf(midnight(shiftDate(dateOf(wall), whole, name)) + BigInt(timeOf(wall)), env.zone);
  };
}

/** Whole years, months or days, and what is left over whole years or months. Raises NUM when reversed. */
function difference(start: number, end: number, word: string): Decimal {
  if (end < start) throw Fault.NUM;
  const [from, to] = [civil(start), civil(end)];
  const months = (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
  const unit = word.toUpperCase();
  if (unit === "D") return whole(end - start);
  if (unit === "M") return whole(months);
  if (unit === "Y") return whole(Math.floor(months / 12));
  if (unit === "YM") return whole(months % 12);
  const passed = unit === "MD" ? months : months - (months % 12);
  return whole(end - shiftMonths(start, whole(passed)));
}

function days360(start: number, end: number, european = false): Decimal {
  const [from, to] = [civil(start), civil(end)];
  let [first, last] = [from.day, to.day];
  if (european || first === 31) first = Math.min(first, 30);
  if (last === 31 && (european || first === 30)) last = 30;
  return whole((to.year - from.year) * 360 + (to.month - from.month) * 30 + last - first);
}

// -- parts of years -------------------------------------------------------------------------------------------------

const isLeap = (year: number): boolean => monthLength(year, 2) === 29;
const yearLength = (year: number): number => (isLeap(year) ? 366 : 365);
const endsFebruary = ({ year, month, day }: Civil): boolean => month === 2 && day === monthLength(year, 2);

/** The days of the year a span is measured by: of its years on the average, or of the one it lies in. */
function actualYear(start: number, end: number): Decimal {
  const [from, to] = [civil(start).year, civil(end).year];
  if (end <= (from < 9999 ? shiftMonths(start, 12n * ONE) : LAST)) {
    if (from === to) return whole(yearLength(from));
    const leap = [from, to].some((year) => isLeap(year) && start <= ordinal(year, 2, 29) && ordinal(year, 2, 29) <= end);
    return whole(leap ? 366 : 365);
  }
  let days = 0;
  for (let year = from; year <= to; year += 1) days += yearLength(year);
  return divide(whole(days), whole(to - from + 1));
}

/** Days by months of 30 days as Excel counts them for fractions of years: Februaries end on the 30th. */
function americanDays(start: number, end: number): Decimal {
  const [from, to] = [civil(start), civil(end)];
  let [first, last] = [from.day, to.day];
  if (endsFebruary(from) && endsFebruary(to)) last = 30;
  if (endsFebruary(from) || first === 31) first = 30;
  if (last === 31 && first === 30) last = 30;
  return whole(((to.year - from.year) * 12 + to.month - from.month) * 30 + last - first);
}

/** Bases 0 US 30/360, 1 actual/actual, 2 actual/360, 3 actual/365, 4 European 30/360; in whichever order. */
function yearFraction(one: number, other: number, basis: Decimal = ZERO): Decimal {
  const [start, end] = [Math.min(one, other), Math.max(one, other)];
  switch (integer(basis)) {
    case 0:
      return divide(americanDays(start, end), whole(360));
    case 1:
      return divide(whole(end - start), actualYear(start, end));
    case 2:
      return divide(whole(end - start), whole(360));
    case 3:
      return divide(whole(end - start), whole(365));
    case 4:
      return divide(days360(start, end, true), whole(360));
    default:
      throw Fault.NUM;
  }
}

/** The time since the start of a day. Raises NUM. */
function timeOfDay(hour: Decimal, minute: Decimal, second: Decimal = ZERO): bigint {
  return addDurations(duration(hour, 3600) + duration(minute, 60), duration(second, 1));
}

/** Reads 2024-9-30, 2024/9/30 or 2024年9月30日. Raises VALUE; blank for blank. */
function readDate(text: string): number | null {
  const cleaned = strip(text);
  if (!cleaned) return null;
  const found = DATE_TEXT.exec(cleaned);
  const date = found && realDate(Number(found[1]), Number(found[2]), Number(found[3]));
  if (date === null) throw Fault.VALUE;
  return date;
}

/** An instant from local year, month, day, hour, minute, second; all carry over. Raises NUM. */
function makeMoment(
  env: Env, year: Decimal, month: Decimal, day: Decimal, hour: Decimal = ZERO, minute: Decimal = ZERO, second: Decimal = ZERO,
): bigint {
  if ([hour, minute, second].some((amount) => abs(amount) > MOST_CLOCK)) throw Fault.NUM;
  const seconds = (hour / ONE) * 3600n + (minute / ONE) * 60n + second / ONE;
  const wall = shiftInstant(midnight(makeDate(year, month, day)), seconds * 1_000_000n);
  return instantOf(wall, env.zone);
}

export const DATES: Table = {
  TODAY: { form: () => (env) => env.today },
  NOW: { form: () => (env) => env.now },
  LOCALDATE: { run: (env: Env, instant: bigint) => dateOf(wallOf(instant, env.zone)), env: true },
  TODATETIME: { run: (env: Env, date: number) => instantOf(midnight(date), env.zone), env: true },
  DATE: { run: makeDate },
  DATETIME: { run: makeMoment, env: true },
  DATEVALUE: { run: readDate, blank: "text" },
  YEAR: part((date) => civil(date).year),
  MONTH: part((date) => civil(date).month),
  DAY: part((date) => civil(date).day),
  QUARTER: part((date) => Math.floor((civil(date).month + 2) / 3)),
  HOUR: clockPart("hour"),
  MINUTE: clockPart("minute"),
  SECOND: clockPart("second"),
  WEEKDAY: { run: weekday },
  WEEKNUM: { run: weekNumber },
  ISOWEEKNUM: { run: isoWeek },
  STARTOF: { run: startOf },
  EDATE: { run: shiftMonths },
  EOMONTH: { run: monthEnd },
  DATEADD: { form: dateAdd },
  DATEDIF: { run: difference },
  DAYS: { run: (end: number, start: number) => whole(end - start) },
  DAYS360: { run: days360 },
  YEARFRAC: { run: yearFraction, scale: () => 20 },
  TIME: { run: timeOfDay },
  DURATION: { run: (amount: Decimal, unit: string) => duration(amount, UNITS[unit]!) },
  HOURS: { run: (amount: Decimal) => duration(amount, 3600) },
  MINUTES: { run: (amount: Decimal) => duration(amount, 60) },
  TOTALHOURS: { run: (amount: bigint) => total(amount, 3600), scale: () => 20 },
  "DATE+": { run: shiftDays },
  "TIME+": { run: shiftInstant },
  "TIME-": { run: (instant: bigint, by: bigint) => shiftInstant(instant, -by) },
  "TIME-TIME": { run: (end: bigint, start: bigint) => end - start },
  "SPAN+": { run: addDurations },
  "SPAN-": { run: (left: bigint, right: bigint) => addDurations(left, -right) },
};
