import { describe, expect, it } from "vitest";

import { fromBinary, power as rootPower, squareRoot } from "@/expr/binary";
import { divide, floor, keep12, modulo, multiply, parse, plain, round, toBinary, wholePower, within } from "@/expr/decimal";
import { Fault } from "@/expr/faults";

const d = (text: string): bigint => parse(text)!;

describe("reading and writing", () => {
  it.each([
    ["1.50", "1.5"],
    ["-0.0", "0"],
    ["1e3", "1000"],
    ["-.5", "-0.5"],
    ["0.000000000000000000005", "0.00000000000000000001"],
    ["999999999999999999.999999999999", "999999999999999999.999999999999"],
  ])("%s is %s", (text, shown) => expect(plain(d(text))).toBe(shown));

  it.each(["", ".", "-", "1,000", "abc", "1e"])("%j is no number", (text) => expect(parse(text)).toBeNull());
});

describe("arithmetic", () => {
  it("keeps 20 decimals of a product and a quotient, halves away from zero", () => {
    expect(plain(multiply(d("1.0000000001"), d("-0.00000000005")))).toBe("-0.00000000005000000001");
    expect(plain(divide(d("2"), d("-3")))).toBe("-0.66666666666666666667");
    expect(plain(divide(d("1"), d("8")))).toBe("0.125");
  });

  it("cuts to 12 decimals where a value leaves arithmetic", () => {
    expect(plain(keep12(multiply(divide(d("1"), d("3")), d("3"))))).toBe("1");
    expect(plain(keep12(d("-0.0000000000005")))).toBe("-0.000000000001");
  });

  it("refuses 19 integer digits and division by zero", () => {
    expect(() => within(d("999999999999999999.9999999999995"))).toThrow(Fault.NUM as never);
    expect(plain(within(d("999999999999999999.9999999999994")))).toMatch(/^9+\.9+4$/);
    expect(() => divide(d("1"), 0n)).toThrow();
  });

  it("takes the sign of the divisor", () => {
    expect([plain(modulo(d("-7"), d("3"))), plain(modulo(d("7"), d("-3"))), plain(modulo(d("5.5"), d("2")))]).toEqual(["2", "-2", "1.5"]);
  });

  it("rounds every way", () => {
    expect(plain(round(d("2.345"), 2, "half"))).toBe("2.35");
    expect(plain(round(d("-2.341"), 2, "up"))).toBe("-2.35");
    expect(plain(round(d("-2.349"), 2, "down"))).toBe("-2.34");
    expect(plain(round(d("1250"), -2, "half"))).toBe("1300");
    expect(plain(round(d("5"), -19, "half"))).toBe("0");
    expect(() => round(d("5"), -19, "up")).toThrow();
    expect(plain(floor(d("-8.9")))).toBe("-9");
  });
});

describe("powers and roots", () => {
  it("raises to whole powers exactly", () => {
    expect(plain(wholePower(d("1.05"), 10))).toBe("1.62889462677744140625");
    expect(plain(wholePower(d("-2"), -3))).toBe("-0.125");
    expect(plain(wholePower(d("0.5"), 21))).toBe("0.00000047683715820313");
    expect(() => wholePower(d("9"), 99)).toThrow();
  });

  it("gives 15 significant digits, half way to the even one", () => {
    expect(plain(squareRoot(d("2")))).toBe("1.4142135623731");
    expect(plain(rootPower(d("25"), d("0.5")))).toBe("5");
    expect(plain(fromBinary(1234567890123.125))).toBe("1234567890123.12");
    expect(plain(fromBinary(-1234567890123.375))).toBe("-1234567890123.38");
    expect(() => fromBinary(Number.NaN)).toThrow();
  });

  it("turns into the nearest binary number", () => expect(toBinary(d("0.1"))).toBe(0.1));
});
