/** Working days: Mondays to Fridays without holidays that are given, or by a calendar with make-up days. */
import { type Calendar, type Holidays, countWorked, isWorked, workedAfter } from "../calendars.ts";
import { type Decimal, ONE, abs, integer, whole } from "../decimal.ts";
import type { Env } from "../env.ts";
import { Fault } from "../faults.ts";
import { civil, dated } from "../moments.ts";
import type { Table } from "../table.ts";

const MOST_DAYS = 4_000_000n * ONE;
const CHINA = "CN";

type Given = readonly (number | null)[] | null;

function without(holidays: Given = null): Holidays {
  return { free: new Set((holidays ?? []).filter((day) => day !== null)), madeUp: new Set() };
}

function between(days: Holidays, start: number, end: number): Decimal {
  const count = countWorked(days, Math.min(start, end), Math.max(start, end));
  return whole(start <= end ? count : -count);
}

/** The working day some working days on. Raises NUM. */
function after(days: Holidays, start: number, number: Decimal): number {
  if (abs(number) > MOST_DAYS) throw Fault.NUM;
  return dated(workedAfter(days, start, integer(number)));
}

function calendar(env: Env, name: string): Calendar {
  const found = env.calendar(name);
  if (!found) throw Fault.VALUE;
  return found;
}

type Day = number | null;

export const WORKDAYS: Table = {
  NETWORKDAYS: {
    run: (start: Day, end: Day, given?: Given) => (start === null || end === null ? null : between(without(given), start, end)),
    blank: "own",
  },
  WORKDAY: {
    run: (start: Day, number: Decimal | null, given?: Given) =>
      start === null || number === null ? null : after(without(given), start, number),
    blank: "own",
  },
  ISWORKDAY: { run: (day: Day, given?: Given) => (day === null ? null : isWorked(without(given), day)), blank: "own" },
  ISWORKDAYCN: { run: (env: Env, day: number, name = CHINA) => isWorked(calendar(env, name), day), env: true },
  NETWORKDAYSCN: {
    run: (env: Env, start: number, end: number, name = CHINA) => between(calendar(env, name), start, end),
    env: true,
  },
  WORKDAYCN: {
    run: (env: Env, start: number, number: Decimal, name = CHINA) => after(calendar(env, name), start, number),
    env: true,
  },
  CALENDARKNOWS: {
    run: (env: Env, day: number, name = CHINA) => calendar(env, name).years.has(civil(day).year),
    env: true,
  },
};
