import { describe, expect, it } from "vitest";

import { frozenLefts, minimum, nextSort, tracks, visibleRange } from "@/kit/gridColumns";
import type { GridColumn } from "@/kit";

const columns: GridColumn<unknown>[] = [
  { key: "name", label: "Name", width: 240, frozen: true },
  { key: "stage", label: "Stage", width: 120 },
  { key: "amount", label: "Amount" },
];

describe("columns", () => {
  it("share the room that is left, resized ones keep their width", () => {
    expect(tracks(columns, {})).toBe("240px minmax(120px, 120fr) minmax(160px, 160fr)");
    expect(tracks(columns, { stage: 90, amount: 100 })).toBe("240px 90px 100px minmax(0, 1fr)");
  });

  it("know how narrow the grid may get and where frozen ones stick", () => {
    expect(minimum(columns, { stage: 90 })).toBe(240 + 90 + 160);
    expect([...frozenLefts(columns, {}, 44)]).toEqual([["name", 44]]);
  });
});

describe("sorting", () => {
  it("goes round on one column", () => {
    const once = nextSort([], "amount", false);
    const twice = nextSort(once, "amount", false);
    expect([once, twice, nextSort(twice, "amount", false)]).toEqual([[{ field: "amount", dir: "asc" }], [{ field: "amount", dir: "desc" }], []]);
  });

  it("adds and turns columns with Shift, keeping their order", () => {
    const two = nextSort([{ field: "stage", dir: "asc" }], "amount", true);
    expect(two).toEqual([{ field: "stage", dir: "asc" }, { field: "amount", dir: "asc" }]);
    expect(nextSort(two, "stage", true)).toEqual([{ field: "stage", dir: "desc" }, { field: "amount", dir: "asc" }]);
    expect(nextSort(two, "name", false)).toEqual([{ field: "name", dir: "asc" }]);
  });
});

describe("rows in sight", () => {
  it("stay a handful however many there are", () => {
    const { first, last } = visibleRange(400_000, 800, 40, 100_000);
    expect(first).toBe(9_992);
    expect(last - first).toBe(36);
    expect(visibleRange(0, 800, 40, 3)).toEqual({ first: 0, last: 3 });
    expect(visibleRange(9_999, 800, 40, 3)).toEqual({ first: 3, last: 3 });
  });
});
