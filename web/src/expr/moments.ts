/** Dates as numbers of days (1 is 0001-01-01), instants and durations as microseconds; the Gregorian calendar only. */
import { type Decimal, ONE, abs, divide, integer } from "./decimal.ts";
import { Fault } from "./faults.ts";

export const DAY = 86_400_000_000n;
export const FIRST = 1;
export const LAST = 3_652_059;
const EPOCH = 719_163;
export const FIRST_INSTANT = BigInt(FIRST - EPOCH) * DAY;
export const LAST_INSTANT = BigInt(LAST + 1 - EPOCH) * DAY - 1n;
/** No amount of days or months beyond this leads to a date. */
export const FARTHEST = 10n ** 8n * ONE;
const LONGEST_SPAN = 10_000_000n * DAY;

export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function floorDiv(left: bigint, right: bigint): bigint {
  const cut = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? cut - 1n : cut;
}

export const floorMod = (left: number, right: number): number => ((left % right) + right) % right;

/** The number of the day of a date in the calendar. */
export function ordinal(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 305;
}

export function civil(date: number): Civil {
  const shifted = date + 305;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const year = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: year + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** 1 Monday to 7 Sunday. */
export const isoWeekday = (date: number): number => ((date + 6) % 7) + 1;

export function monthLength(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day itself. Raises NUM outside the years 1 to 9999. */
export function dated(date: number): number {
  if (date >= FIRST && date <= LAST) return date;
  throw Fault.NUM;
}

function far(amount: Decimal): boolean {
  return abs(amount) > FARTHEST;
}

/** The date some days on (cut to whole days). Raises NUM. */
export function shiftDays(date: number, days: Decimal): number {
  if (far(days)) throw Fault.NUM;
  return dated(date + integer(days));
}

function monthStart(months: number): Civil {
  const year = Math.floor(months / 12);
  if (year < 1 || year > 9999) throw Fault.NUM;
  return { year, month: months - year * 12 + 1, day: 1 };
}

/** A date from year, month and day; months and days beyond their range carry over. Raises NUM. */
export function makeDate(year: Decimal, month: Decimal, day: Decimal): number {
  if (far(year) || far(month) || far(day)) throw Fault.NUM;
  const first = monthStart(integer(year) * 12 + integer(month) - 1);
  return dated(ordinal(first.year, first.month, 1) + integer(day) - 1);
}

/** The same day some months on, or that month's last day. Raises NUM. */
export function shiftMonths(date: number, months: Decimal): number {
  if (far(months)) throw Fault.NUM;
  const from = civil(date);
  const first = monthStart(from.year * 12 + from.month - 1 + integer(months));
  return ordinal(first.year, first.month, Math.min(from.day, monthLength(first.year, first.month)));
}

/** The last day of the month some months on. Raises NUM. */
export function monthEnd(date: number, months: Decimal): number {
  const moved = civil(shiftMonths(date - civil(date).day + 1, months));
  return ordinal(moved.year, moved.month, monthLength(moved.year, moved.month));
}

// -- wall clocks ----------------------------------------------------------------------------------------------------

/** The day a wall clock shows. */
export const dateOf = (wall: bigint): number => Number(floorDiv(wall, DAY)) + EPOCH;

/** The first moment of a day, as a wall clock shows it. */
export const midnight = (date: number): bigint => BigInt(date - EPOCH) * DAY;

/** Microseconds since midnight. */
export const timeOf = (wall: bigint): number => Number(wall - midnight(dateOf(wall)));

/** An instant some time on. Raises NUM outside the years 1 to 9999. */
export function shiftInstant(instant: bigint, by: bigint): bigint {
  const moved = instant + by;
  if (moved >= FIRST_INSTANT && moved <= LAST_INSTANT) return moved;
  throw Fault.NUM;
}

/** A duration of some units, cut to the microsecond. Raises NUM. */
export function duration(amount: Decimal, unitSeconds: number): bigint {
  const length = amount * BigInt(unitSeconds) * 1_000_000n;
  if (length > LONGEST_SPAN * ONE || length < -LONGEST_SPAN * ONE) throw Fault.NUM;
  return length / ONE;
}

export function addDurations(left: bigint, right: bigint): bigint {
  const sum = left + right;
  if (sum >= -LONGEST_SPAN && sum <= LONGEST_SPAN) return sum;
  throw Fault.NUM;
}

/** A duration in units. */
export function total(amount: bigint, unitSeconds: number): Decimal {
  return divide(amount * ONE, BigInt(unitSeconds) * 1_000_000n * ONE);
}

// -- texts ------------------------------------------------------------------------------------------------------------

export const pad = (number: number, width = 2): string => String(number).padStart(width, "0");

export function formatDate(date: number): string {
  const { year, month, day } = civil(date);
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
}

/** Hours, minutes and seconds of a time of day. */
export function clock(time: number): { hour: number; minute: number; second: number } {
  const seconds = Math.floor(time / 1_000_000);
  return { hour: Math.floor(seconds / 3600), minute: Math.floor(seconds / 60) % 60, second: seconds % 60 };
}

/** `2024-06-01 20:30:00` of a wall clock. */
export function formatWall(wall: bigint): string {
  const { hour, minute, second } = clock(timeOf(wall));
  return `${formatDate(dateOf(wall))} ${pad(hour)}:${pad(minute)}:${pad(second)}`;
}

/** The ISO form of an instant, in UTC. */
export function formatInstant(instant: bigint): string {
  const fraction = timeOf(instant) % 1_000_000;
  return `${formatWall(instant).replace(" ", "T")}${fraction ? `.${pad(fraction, 6)}` : ""}Z`;
}

const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const ISO_INSTANT =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(?:Z|([+-])(\d\d):?(\d\d)(?::(\d\d))?)$/;

/** The date of a year, month and day; null when the calendar has none. */
export function realDate(year: number, month: number, day: number): number | null {
  const real = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= monthLength(year, month);
  return real ? ordinal(year, month, day) : null;
}

/** Reads `2024-06-01`; null when it is none. */
export function parseDate(text: string): number | null {
  const found = ISO_DATE.exec(text);
  return found ? realDate(Number(found[1]), Number(found[2]), Number(found[3])) : null;
}

/** Reads an ISO instant with `Z` or an offset; null when it is none. */
export function parseInstant(text: string): bigint | null {
  const found = ISO_INSTANT.exec(text);
  const date = found ? parseDate(found[1]!) : null;
  if (!found || date === null) return null;
  const [, , hour, minute, second = "0", fraction = "", sign, offsetHours = "0", offsetMinutes = "0", rest = "0"] = found;
  const offset = Number(offsetHours) * 3600 + Number(offsetMinutes) * 60 + Number(rest);
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - (sign === "-" ? -offset : offset);
  return midnight(date) + BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}
