import { describe, expect, it } from "vitest";

import type { Json, Values } from "@/api/types";
import { mergeRecord, type Merged } from "@/runtime/record/merge";

import { field } from "./sample";

const fields = [field("name", "text"), field("note", "textarea"), field("tags", "multi_select"), field("rows", "subtable"), field("sum", "formula")];
const columns = [field("a", "text"), field("b", "number"), field("total", "formula")];
const merge = (base: Values, mine: Values, theirs: Values): Merged => mergeRecord({ fields, columns: () => columns, base, mine, theirs: { ...base, ...theirs } });
const settled = (merged: Merged, ...chosen: Json[]): Values => {
  merged.clashes.forEach((item, index) => item.settle(merged.values, chosen[index] ?? null));
  return merged.values;
};
const row = (id: string, a: string, b = "1"): Json => ({ id, a, b });

describe("two changes of one record", () => {
  it("keep what only one side changed", () => {
    const merged = merge({ name: "x", note: "n", sum: "1" }, { name: "y" }, { note: "m", sum: "2" });
    expect(merged.values).toEqual({ name: "y" });
    expect(merged.taken.map((one) => one.key)).toEqual(["note"]);
    expect(merged.clashes).toEqual([]);
  });

  it("agree when both say the same", () => {
    expect(merge({ name: "x" }, { name: "y" }, { name: "y" })).toMatchObject({ values: {}, clashes: [] });
  });

  it("are for a person to decide where they differ, and lists and long texts can hold both", () => {
    const merged = merge({ name: "x", note: "n", tags: ["a", "b"] }, { name: "y", note: "mine", tags: ["a", "c"] }, { name: "z", note: "theirs", tags: ["a", "b", "d"] });
    expect(merged.clashes.map((one) => [one.id, one.both])).toEqual([
      ["name", undefined],
      ["note", "theirs\nmine"],
      ["tags", ["a", "c", "d"]],
    ]);
    expect(settled(merged, "z", "n2", ["a"])).toEqual({ name: "z", note: "n2", tags: ["a"] });
  });
});

describe("two changes of one sub-table", () => {
  const base = { rows: [row("1", "one"), row("2", "two"), row("3", "three")] };

  it("go together row by row and cell by cell", () => {
    const mine = [row("1", "one!"), row("2", "two"), { a: "new", b: "5" }];
    const theirs = [row("1", "one", "9"), row("3", "three"), row("4", "four")];
    const merged = merge(base, { rows: mine }, { rows: theirs });
    expect(merged.clashes).toEqual([]);
    expect(merged.values.rows).toEqual([row("1", "one!", "9"), { a: "new", b: "5" }, row("4", "four")]);
  });

  it("clash in a cell", () => {
    const merged = merge(base, { rows: [row("1", "mine"), row("2", "two"), row("3", "three")] }, { rows: [row("1", "theirs"), row("2", "two"), row("3", "three")] });
    expect(merged.clashes).toMatchObject([{ row: 0, mine: "mine", theirs: "theirs", base: "one" }]);
    expect((settled(merged, "theirs").rows as Json[])[0]).toEqual(row("1", "theirs"));
  });

  it("clash where one deletes what the other changed, on either side", () => {
    const merged = merge(base, { rows: [row("1", "one"), row("2", "mine")] }, { rows: [row("1", "one"), row("3", "theirs")] });
    expect(merged.clashes.map((one) => [one.mine, one.theirs])).toEqual([
      [row("2", "mine"), null],
      [null, row("3", "theirs")],
    ]);
    expect(settled(merged, row("2", "mine"), null).rows).toEqual([row("1", "one"), row("2", "mine")]);
  });
});
