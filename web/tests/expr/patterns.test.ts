import { describe, expect, it } from "vitest";

import { Unsupported } from "@/expr/faults";
import { Machine } from "@/expr/machine";
import { compilePattern } from "@/expr/programs";

function spans(pattern: string, text: string): readonly number[] | null {
  return new Machine(compilePattern(pattern), text).search(0);
}

describe("patterns", () => {
  it.each([
    ["[A-Z]-([0-9]+)", "order A-102", [6, 11, 8, 11]],
    ["a|ab", "ab", [0, 1, -1, -1]],
    ["(a+?)(b*)", "aabb", [0, 1, 0, 1]],
    ["(?i)straSSe", "STRAſſE", [0, 7, -1, -1]],
    ["^.$", "😀", [0, 1, -1, -1]],
    ["[^a]", "\n", [0, 1, -1, -1]],
    ["(?m)^b$", "a\nb\n", [2, 3, -1, -1]],
    ["\\bfoo\\b", "a foo", [2, 5, -1, -1]],
    ["x{2,3}", "xxxx", [0, 3, -1, -1]],
    ["[[:alpha:]\\d-]+", "_a-1", [1, 4, -1, -1]],
  ])("%s in %j", (pattern, text, expected) => expect(spans(pattern, text)).toEqual(expected));

  it("is at the end only, not before a line break there", () => expect(spans("a$", "a\n")).toBeNull());

  it.each(["\\B", "\\pL", "\\p{Han}", "\\Qx\\E", "\\C", "(?=a)", "(a*)*", "(?i)é", "a{2}{3}", "a{999}b{999}c{9}", "a**"])("declines %s", (pattern) =>
    expect(() => compilePattern(pattern)).toThrow(Unsupported),
  );

  const heavy = ["(x+x+)+y", "(.*)(.*)(.*)(.*)(.*)z", "(a|a)+b", "x*x*x*x*x*y", "[a-x]{999}y"];
  it.each(heavy)("takes no exponential time over %s", (pattern) => {
    const started = performance.now();
    try {
      spans(pattern, "x".repeat(30_000) + "a".repeat(30_000));
    } catch (error) {
      expect(error).toBeInstanceOf(Unsupported);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
