import { describe, expect, it } from "vitest";

import { buildFilter, countRules, newRule, parseFilter, type Filter } from "@/kit/filterTree";

const TREES: Filter[] = [
  null,
  ["=", "stage", "opt_won"],
  ["blank", "phone"],
  ["and", ["in", "region", ["east", "north"]], [">=", "amount", "500000"]],
  ["and", ["=", "hot", true], ["or", ["=", "owner", "@me"], ["has_any", "tags", ["vip"]]]],
  ["or", ["expr", "amount > 1000"], ["not", ["blank", "phone"]]],
  ["=", "close", { this: "quarter" }],
];

describe("filter trees", () => {
  it.each(TREES.map((tree) => [JSON.stringify(tree), tree]))("survive editing: %s", (_name, tree) => {
    expect(buildFilter(parseFilter(tree as Filter))).toEqual(tree);
  });

  it("leave half-filled rows and half ranges out", () => {
    const root = parseFilter(["=", "stage", "opt_won"]);
    root.items.push(newRule("amount", ">="), { ...newRule("close", "between"), value: ["2026-01-01", null] });
    expect(buildFilter(root)).toEqual(["=", "stage", "opt_won"]);
  });

  it("keep false and zero as values", () => {
    const root = parseFilter(null);
    root.items.push({ ...newRule("hot", "="), value: false }, { ...newRule("n", "="), value: 0 });
    expect(buildFilter(root)).toEqual(["and", ["=", "hot", false], ["=", "n", 0]]);
  });

  it("count conditions, not groups", () => {
    expect(countRules(TREES[4]!)).toBe(3);
    expect(countRules(null)).toBe(0);
  });
});
