/** Calendars of working days: Monday to Friday, but for the free days and the make-up days somebody entered. */
import { isoWeekday, parseDate } from "./moments.ts";

/** Exceptions from the week; a day that the week says already is no exception. */
export interface Holidays {
  readonly free: ReadonlySet<number>;
  readonly madeUp: ReadonlySet<number>;
}

export interface Calendar extends Holidays {
  /** The years whose holidays are known. */
  readonly years: ReadonlySet<number>;
}

/** A calendar in its JSON form: dates as texts. */
export interface CalendarData {
  readonly free: readonly string[];
  readonly worked: readonly string[];
  readonly years: readonly number[];
}

const inWeek = (day: number): boolean => isoWeekday(day) < 6;

export function readCalendar(data: CalendarData): Calendar {
  const days = (texts: readonly string[]): Set<number> => new Set(texts.map((text) => parseDate(text) ?? 0));
  return { free: days(data.free), madeUp: days(data.worked), years: new Set(data.years) };
}

export function isWorked(days: Holidays, day: number): boolean {
  return inWeek(day) ? !days.free.has(day) : days.madeUp.has(day);
}

/** The working days between two days, both included; 0 when they are reversed. */
export function countWorked(days: Holidays, low: number, high: number): number {
  if (low > high) return 0;
  const weeks = Math.floor((high - low + 1) / 7);
  let count = weeks * 5;
  for (let day = low + weeks * 7; day <= high; day += 1) if (inWeek(day)) count += 1;
  for (const day of days.free) if (low <= day && day <= high && inWeek(day)) count -= 1;
  for (const day of days.madeUp) if (low <= day && day <= high && !inWeek(day)) count += 1;
  return count;
}

/** The working day `number` working days on, back when it is negative; 0 stays. */
export function workedAfter(days: Holidays, start: number, number: number): number {
  if (number === 0) return start;
  const wanted = Math.abs(number);
  let nearest = start;
  let farthest = start + Math.sign(number) * (Math.floor((wanted * 7) / 5) + days.free.size * 7 + 14);
  while (Math.abs(farthest - nearest) > 1) {
    const middle = Math.floor((nearest + farthest) / 2);
    const worked = number > 0 ? countWorked(days, start + 1, middle) : countWorked(days, middle, start - 1);
    if (worked >= wanted) farthest = middle;
    else nearest = middle;
  }
  return farthest;
}
