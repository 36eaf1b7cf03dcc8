import { describe, expect, it } from "vitest";

import { parse } from "@/expr/decimal";
import { compare, find, lengthOf, padded, proper, slice, strip, substitute, trimEnds } from "@/expr/text";

const n = (text: string): bigint => parse(text)!;

describe("code points", () => {
  it("counts and cuts characters, not units", () => {
    expect(lengthOf("a中😀")).toBe(3);
    expect(slice("a😀b", 1, 2)).toBe("😀");
    expect(find("b", "😀b", n("1"))).toBe(n("2"));
    expect(padded("x", n("4"), "😀1", true)).toBe("😀1😀x");
  });

  it("orders by code point, where units would not", () => {
    expect(["😀", "\uffee", "a", "中"].sort(compare)).toEqual(["a", "中", "\uffee", "😀"]);
    expect(compare("ab", "abc")).toBeLessThan(0);
  });
});

describe("words and ends", () => {
  it.each([
    ["john o'neil 2-way", "John O'Neil 2-Way"],
    ["straße ßa", "Straße SSa"],
    ["ÉCOLE_x", "École_X"],
  ])("PROPER %s", (text, shown) => expect(proper(text)).toBe(shown));

  it("drops the spaces it should", () => {
    expect(trimEnds(" \u00a0a ")).toBe("\u00a0a");
    expect(strip("\u3000\x1ca\x85")).toBe("a");
    expect(strip("\ufeffa")).toBe("\ufeffa");
  });

  it("takes no time over long runs of spaces", () => {
    const started = performance.now();
    trimEnds(`a${" ".repeat(640_000)}b`);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("replaces the occurrence counted, and refuses what grows too long", () => {
    expect(substitute("a-b-c", "-", "+", n("2"))).toBe("a-b+c");
    expect(() => substitute("a".repeat(40_000), "a", "bb")).toThrow();
  });
});
