import { describe, expect, it } from "vitest";

import { addDecimals, compareDecimals, padScale, parseDecimal, shift } from "@/kit/decimals";

describe("parseDecimal", () => {
  it.each([
    ["600,000.00", "600000.00"],
    ["¥1,280", "1280"],
    ["１２３．５", "123.5"],
    ["60万", "600000"],
    ["1.5亿", "150000000"],
    ["15%", "15"],
    ["-0.50", "-0.50"],
    ["(300)", "-300"],
    [".5", "0.5"],
    ["007", "7"],
    ["-0", "0"],
  ])("reads %s", (text, value) => expect(parseDecimal(text)).toBe(value));

  it.each(["", "abc", "1.2.3", "--1", "万", "1e5"])("refuses %s", (text) => expect(parseDecimal(text)).toBeNull());
});

describe("exactness", () => {
  it("keeps digits that binary floating point loses", () => {
    expect(addDecimals("0.1", "0.2")).toBe("0.3");
    expect(addDecimals("9007199254740993", "1")).toBe("9007199254740994");
    expect(addDecimals("1.00", "-2.50")).toBe("-1.50");
  });

  it("moves the point both ways", () => {
    expect(shift("0.15", 2)).toBe("15");
    expect(shift("15", -2)).toBe("0.15");
    expect(shift("-7.5", -2)).toBe("-0.075");
    expect(shift("0", 2)).toBe("0");
  });

  it("compares by value", () => {
    expect(compareDecimals("1.10", "1.1")).toBe(0);
    expect(compareDecimals("-2", "-10")).toBe(1);
    expect(compareDecimals("0.09", "0.1")).toBe(-1);
  });

  it("fills up decimals and never cuts", () => {
    expect(padScale("5", 2)).toBe("5.00");
    expect(padScale("5.125", 2)).toBe("5.125");
  });
});
