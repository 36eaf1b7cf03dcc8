import { describe, expect, it } from "vitest";

import { parse } from "@/expr/decimal";
import { LAST, civil, formatDate, formatInstant, isoWeekday, ordinal, parseDate, parseInstant, shiftMonths } from "@/expr/moments";
import { formatMoment } from "@/expr/pictures";
import { instantOf, wallOf, zoneOf } from "@/expr/zones";

const wall = (text: string): bigint => parseInstant(`${text}Z`)!;

describe("days", () => {
  it("are numbered from the first of the year 1", () => {
    expect([ordinal(1, 1, 1), ordinal(1970, 1, 1), ordinal(9999, 12, 31)]).toEqual([1, 719_163, LAST]);
    for (let day = 1; day < LAST; day += 997) {
      const { year, month, day: of } = civil(day);
      expect(ordinal(year, month, of)).toBe(day);
    }
  });

  it("agree with the platform's calendar", () => {
    for (let day = 720_000; day < 760_000; day += 101) {
      const date = new Date((day - 719_163) * 86_400_000);
      expect([formatDate(day), isoWeekday(day)]).toEqual([date.toISOString().slice(0, 10), date.getUTCDay() || 7]);
    }
  });

  it.each([
    ["2024-01-31", "1", "2024-02-29"],
    ["2024-03-31", "-1", "2024-02-29"],
    ["2023-12-31", "14.9", "2025-02-28"],
  ])("%s and %s months is %s", (from, months, to) =>
    expect(formatDate(shiftMonths(parseDate(from)!, parse(months)!))).toBe(to),
  );

  it.each(["2024-02-30", "2024-13-01", "0000-01-01", "24-1-1"])("%s is no date", (text) => expect(parseDate(text)).toBeNull());
});

describe("instants", () => {
  it.each([
    ["2024-06-01T20:30:00+08:00", "2024-06-01T12:30:00Z"],
    ["2024-06-01T20:30:00.5Z", "2024-06-01T20:30:00.500000Z"],
    ["0001-01-01 00:00Z", "0001-01-01T00:00:00Z"],
  ])("%s is %s", (text, shown) => expect(formatInstant(parseInstant(text)!)).toBe(shown));

  it.each([
    ["Asia/Shanghai", "2024-06-01T00:00:00", "2024-05-31T16:00:00Z"],
    ["Asia/Shanghai", "1900-12-31T23:54:17", "1900-12-31T15:54:17Z"],
    ["America/New_York", "2024-03-10T02:30:00", "2024-03-10T07:30:00Z"],
    ["America/New_York", "2024-11-03T01:30:00", "2024-11-03T06:30:00Z"],
    ["Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T15:15:00Z"],
    ["Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"],
  ])("in %s, %s is %s", (zone, clock, instant) => expect(formatInstant(instantOf(wall(clock), zoneOf(zone)))).toBe(instant));

  it("are outside the calendar next to its ends", () => {
    expect(() => wallOf(wall("9999-12-31T20:00:00"), zoneOf("Asia/Shanghai"))).toThrow();
    expect(() => wallOf(wall("0001-01-01T03:00:00"), zoneOf("America/New_York"))).toThrow();
  });
});

describe("pictures", () => {
  it.each([
    ["yyyy年m月d日", "2024年3月5日"],
    ["hh:mm:ss", "07:08:09"],
    ['h"h" m', "7h 8"],
    ["ddd dddd MMM mmmm yy", "Tue Tuesday Mar March 24"],
    ["m\\d", "3d"],
  ])("%s gives %s", (picture, shown) => expect(formatMoment(wall("2024-03-05T07:08:09"), picture)).toBe(shown));
});
