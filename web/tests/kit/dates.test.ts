import { describe, expect, it } from "vitest";

import { addDays, addMonths, instantOf, isDate, monthGrid, parseDate, parseTime, wallClock } from "@/kit/dates";

describe("calendar", () => {
  it("knows real days", () => {
    expect(isDate("2024-02-29")).toBe(true);
    expect(isDate("2026-02-29")).toBe(false);
    expect(isDate("2026-2-9")).toBe(false);
  });

  it("steps over months of different lengths", () => {
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(addMonths("2026-03-31", -12)).toBe("2025-03-31");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  });

  it("shows a month in whole weeks from Monday", () => {
    const weeks = monthGrid("2026-11-21");
    expect(weeks).toHaveLength(6);
    expect(weeks[0]![0]).toBe("2026-10-26");
    expect(weeks.flat()).toContain("2026-11-30");
  });
});

describe("typed dates and times", () => {
  it.each([
    ["2026-11-21", "2026-11-21"],
    ["2026/1/5", "2026-01-05"],
    ["2026.1.5", "2026-01-05"],
    ["2026年1月5日", "2026-01-05"],
    ["20261121", "2026-11-21"],
    ["11-21", "2026-11-21"],
    ["1月5日", "2026-01-05"],
    ["明天", "2026-06-16"],
    ["２０２６-１１-２１", "2026-11-21"],
  ])("reads %s", (text, iso) => expect(parseDate(text, "2026-06-15")).toBe(iso));

  it.each(["2026-13-01", "31-31", "hello", "", "2026"])("refuses %s", (text) => expect(parseDate(text, "2026-06-15")).toBeNull());

  it.each([
    ["9", "09:00"],
    ["930", "09:30"],
    ["9:5", "09:05"],
    ["9点半", "09:30"],
    ["下午3:05", "15:05"],
    ["3pm", "15:00"],
  ])("reads time %s", (text, time) => expect(parseTime(text)).toBe(time));

  it.each(["25:00", "9:61", "noon"])("refuses time %s", (text) => expect(parseTime(text)).toBeNull());
});

describe("instants", () => {
  it("go to the wall clock of a zone and back", () => {
    expect(wallClock("2026-11-21T01:30:00Z", "Asia/Shanghai")).toEqual({ date: "2026-11-21", time: "09:30" });
    expect(instantOf("2026-11-21", "09:30", "Asia/Shanghai")).toBe("2026-11-21T01:30:00Z");
    expect(instantOf("2026-11-21", "00:10", "America/New_York")).toBe("2026-11-21T05:10:00Z");
  });

  it("moves a time the clocks skip forward and takes the first of a repeated one", () => {
    expect(instantOf("2026-03-08", "02:30", "America/New_York")).toBe("2026-03-08T07:30:00Z");
    expect(instantOf("2026-11-01", "01:30", "America/New_York")).toBe("2026-11-01T05:30:00Z");
  });
});
