/** Working days: Mondays to Fridays without the holidays given. */
import { type Decimal, ONE, abs, integer, whole } from "../decimal.ts";
import { Fault } from "../faults.ts";
import { dated, isoWeekday } from "../moments.ts";
import type { Table } from "../table.ts";

const MOST_DAYS = 4_000_000n * ONE;

type Days = readonly (number | null)[] | null;

const freeDays = (holidays: Days = null): Set<number> =>
  new Set((holidays ?? []).filter((day): day is number => day !== null && isoWeekday(day) < 6));

/** The working days between two dates, both included; negative when they are reversed. */
function between(start: number | null, end: number | null, holidays?: Days): Decimal | null {
  if (start === null || end === null) return null;
  const [low, high] = [Math.min(start, end), Math.max(start, end)];
  const weeks = Math.floor((high - low + 1) / 7);
  let count = weeks * 5;
  for (let day = low + weeks * 7; day <= high; day += 1) if (isoWeekday(day) < 6) count += 1;
  for (const day of freeDays(holidays)) if (low <= day && day <= high) count -= 1;
  return whole(start <= end ? count : -count);
}

/** The working day some working days on. Raises NUM. */
function onwards(start: number | null, number: Decimal | null, holidays?: Days): number | null {
  if (start === null || number === null) return null;
  if (abs(number) > MOST_DAYS) throw Fault.NUM;
  const step = number > 0n ? 1 : -1;
  const free = freeDays(holidays);
  let left = Math.abs(integer(number));
  let day = start;
  while (left > 0) {
    // At least five days of every seven are worked unless they are holidays: jump, then count what was jumped over.
    const weeks = left > 10 ? Math.floor((left - 1) / 5) : 0;
    if (weeks) {
      const landed = dated(day + step * weeks * 7);
      const [from, to] = step > 0 ? [day + 1, landed] : [landed, day - 1];
      left -= weeks * 5;
      for (const holiday of free) if (from <= holiday && holiday <= to) left += 1;
      day = landed;
    } else {
      day = dated(day + step);
      if (isoWeekday(day) < 6 && !free.has(day)) left -= 1;
    }
  }
  return day;
}

export const WORKDAYS: Table = {
  NETWORKDAYS: { run: between, blank: "own" },
  WORKDAY: { run: onwards, blank: "own" },
};
