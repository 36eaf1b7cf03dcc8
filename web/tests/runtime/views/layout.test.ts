import { describe, expect, it } from "vitest";

import type { FieldMeta, RecordRow } from "@/api/types";
import { aligned, cardHeight, fullness, moved, shownBetween, stack, type Cell } from "@/runtime/views/board";
import { daysOf, hiddenOn, lanes, lunarDay, monthWeeks, slots, stepped } from "@/runtime/views/calendar";
import { clusters, placeOf, project, PROVINCES, spaced } from "@/runtime/views/places";
import { itemOf, retimed, shifted, startingOn, type Item, type SpanFields } from "@/runtime/views/span";
import { barOf, heads, linkPath, loads, nested, overloaded, scaleAround, xOf, ZOOMS } from "@/runtime/views/timeline";
import { isBelow, visible, type Branch } from "@/runtime/views/tree";
import { previewed } from "@/runtime/views/useShift";

const ZONE = "Asia/Shanghai";
const row = (id: string, values: RecordRow["values"] = {}): RecordRow => ({ id, rev: 1, values });
const item = (id: string, from: string, to = from, begins: number | null = null, ends: number | null = null): Item => ({ row: row(id), from, to, begins, ends });
const field = (key: string, type: string, options: Record<string, unknown> = {}): FieldMeta => ({ id: `fld_${key}`, key, type, label: key, level: "write", operators: [], options });
const dates: SpanFields = { start: field("start", "date"), end: field("end", "date") };
const times: SpanFields = { start: field("start", "datetime"), end: field("end", "datetime") };

describe("bars over days", () => {
  const week = daysOf("week", "2026-11-18", 1);

  it("take the highest lane that is free on all their days and never lie upon each other", () => {
    const found = lanes(week, [item("a", "2026-11-16", "2026-11-18"), item("b", "2026-11-17"), item("c", "2026-11-19", "2026-11-25"), item("d", "2026-11-10", "2026-11-16"), item("e", "2026-11-30")]);
    expect(found.map((one) => [one.item.row.id, one.lane, one.column, one.span, one.before, one.after])).toEqual([
      ["d", 0, 0, 1, true, false],
      ["a", 1, 0, 3, false, false],
      ["b", 0, 1, 1, false, false],
      ["c", 0, 3, 4, false, true],
    ]);
    for (const one of found)
      for (const other of found)
        if (one !== other && one.lane === other.lane) expect(one.column + one.span <= other.column || other.column + other.span <= one.column).toBe(true);
  });

  it("say how many of a day do not fit", () => {
    const found = lanes(week, ["a", "b", "c", "d"].map((id) => item(id, "2026-11-18")));
    expect(hiddenOn(found, 2, 2)).toBe(2);
    expect(hiddenOn(found, 3, 2)).toBe(0);
  });

  it("with hours stand side by side only where they overlap", () => {
    const found = slots("2026-11-18", [
      item("a", "2026-11-18", "2026-11-18", 540, 660),
      item("b", "2026-11-18", "2026-11-18", 600, 620),
      item("c", "2026-11-18", "2026-11-18", 640, 700),
      item("d", "2026-11-18", "2026-11-18", 720, 780),
      item("e", "2026-11-17", "2026-11-18", 1380, 30),
    ]);
    expect(found.map((one) => [one.item.row.id, one.column, one.columns])).toEqual([
      ["e", 0, 1],
      ["a", 0, 2],
      ["b", 1, 2],
      ["c", 1, 2],
      ["d", 0, 1],
    ]);
    expect(found[0]).toMatchObject({ begins: 0, ends: 30 });
  });
});

describe("months and modes", () => {
  it("show whole weeks from the wanted weekday", () => {
    expect(monthWeeks("2026-11-22", 1).map((days) => days[0])).toEqual(["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"]);
    expect(monthWeeks("2026-11-22", 7)[0]![0]).toBe("2026-11-01");
    expect(monthWeeks("2027-02-10", 1)).toHaveLength(4);
    expect(daysOf("agenda", "2026-11-22", 1)).toHaveLength(30);
    expect(stepped("month", "2026-01-31", 1)).toBe("2026-02-01");
    expect(stepped("week", "2026-11-22", -1)).toBe("2026-11-15");
  });

  it("know the Chinese calendar", () => {
    expect(lunarDay("2026-02-17")).toBe("正月");
    expect(lunarDay("2026-02-18")).toBe("初二");
    expect(lunarDay("2026-09-25")).toBe("十五");
    expect(lunarDay("2025-07-25")).toBe("闰六月");
    expect(lunarDay("2026-03-08")).toBe("二十");
    expect(lunarDay("2026-03-09")).toBe("廿一");
  });
});

describe("records as stretches of days", () => {
  it("read dates, instants in the zone, and periods", () => {
    expect(itemOf(row("a", { start: "2026-11-01", end: "2026-11-03" }), dates, ZONE)).toMatchObject({ from: "2026-11-01", to: "2026-11-03", begins: null });
    expect(itemOf(row("a", { start: "2026-11-01T16:30:00Z", end: null }), times, ZONE)).toMatchObject({ from: "2026-11-02", to: "2026-11-02", begins: 30, ends: 90 });
    expect(itemOf(row("a", { start: "2026-11-01T12:00:00Z", end: "2026-11-02T16:00:00Z" }), times, ZONE)).toMatchObject({ from: "2026-11-01", to: "2026-11-02", ends: 1440 });
    expect(itemOf(row("a", { start: "2026-11-05", end: "2026-11-01" }), dates, ZONE)).toMatchObject({ from: "2026-11-05", to: "2026-11-05" });
    expect(itemOf(row("a", { start: ["2026-11-05", "2026-11-07"] }), { start: field("start", "date_range"), end: undefined }, ZONE)).toMatchObject({ from: "2026-11-05", to: "2026-11-07" });
    expect(itemOf(row("a", { start: null }), dates, ZONE)).toBeNull();
  });

  it("write what a move means, hours and lengths kept", () => {
    const long = row("a", { start: "2026-11-01", end: "2026-11-03" });
    expect(shifted(long, dates, { start: 2, end: 2 }, ZONE)).toEqual({ start: "2026-11-03", end: "2026-11-05" });
    expect(shifted(long, dates, { start: 0, end: 1 }, ZONE)).toEqual({ end: "2026-11-04" });
    expect(shifted(row("a", { start: "2026-11-01", end: null }), dates, { start: 1, end: 1 }, ZONE)).toEqual({ start: "2026-11-02" });
    expect(shifted(row("a", { start: "2026-11-01", end: null }), dates, { start: 0, end: 2 }, ZONE)).toEqual({ end: "2026-11-03" });
    expect(shifted(row("a", { start: "2026-11-01T01:30:56Z", end: null }), times, { start: 7, end: 7 }, ZONE)).toEqual({ start: "2026-11-08T01:30:56Z" });
    expect(retimed(row("a", { start: "2026-11-01T01:30:00Z", end: "2026-11-01T02:30:00Z" }), times, { start: 45, end: 45 })).toEqual({ start: "2026-11-01T02:15:00Z", end: "2026-11-01T03:15:00Z" });
    expect(retimed(row("a", { start: "2026-11-01T01:30:00Z", end: null }), times, { start: 15, end: 15 })).toEqual({ start: "2026-11-01T01:45:00Z" });
    expect(startingOn(times, "2026-11-02", ZONE, 600)).toEqual({ start: "2026-11-02T02:00:00Z" });
  });

  it("show where a move would lead, never ending before they begin", () => {
    const one = item("a", "2026-11-01", "2026-11-03");
    expect(previewed(one, { item: one, start: 0, end: -5, unit: "day" })).toMatchObject({ from: "2026-11-01", to: "2026-11-01" });
    const hours = item("b", "2026-11-01", "2026-11-01", 1380, 1440);
    expect(previewed(hours, { item: hours, start: 120, end: 120, unit: "minute" })).toMatchObject({ from: "2026-11-02", begins: 60, to: "2026-11-02", ends: 120 });
  });
});

describe("timelines", () => {
  it("cut bars at their ends", () => {
    const scale = scaleAround("day", "2026-11-22");
    expect(xOf(scale, scale.from)).toBe(0);
    expect(barOf(scale, { from: scale.from, to: scale.from })).toEqual({ x: 0, width: scale.day, before: false, after: false });
    expect(barOf(scale, { from: "2020-01-01", to: "2030-01-01" })).toEqual({ x: 0, width: scale.width, before: true, after: true });
    expect(barOf(scale, { from: "2020-01-01", to: "2020-02-01" })).toBeNull();
  });

  it("have heads without gaps, as wide as the scale", () => {
    for (const zoom of ZOOMS) {
      const scale = scaleAround(zoom, "2026-11-22");
      for (const line of Object.values(heads(scale))) {
        let at = 0;
        for (const tick of line) {
          expect(tick.x).toBe(at);
          at += tick.width;
        }
        expect(at).toBe(scale.width);
      }
    }
  });

  it("put items below their parent and lose none in a circle", () => {
    const parents: Record<string, string | null> = { a: null, b: "a", c: "b", d: "gone", x: "y", y: "x" };
    const found = nested(Object.keys(parents), (id) => id, (id) => parents[id]);
    expect(found.map((one) => [one.item, one.depth])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["d", 0],
      ["x", 0],
      ["y", 0],
    ]);
  });

  it("go around what lies between a bar and one that begins before its end", () => {
    expect(linkPath({ x: 10, y: 20 }, { x: 60, y: 40 })).toBe("M10 20H20V40H60");
    expect(linkPath({ x: 60, y: 20 }, { x: 10, y: 60 })).toBe("M60 20H70V40H0V60H10");
  });

  it("add loads up day by day and mark what is too much", () => {
    const days = ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"];
    const works = (day: string): boolean => day === "2026-11-20" || day === "2026-11-23";
    const items = [item("a", "2026-11-20", "2026-11-23"), item("b", "2026-11-20")];
    expect(loads(days, items, { works, capacity: 1 })).toEqual([2, 1, 1, 1]);
    const hours = loads(days, items, { works, capacity: 8, hours: (one) => (one.row.id === "a" ? 12 : 4) });
    expect(hours).toEqual([10, 0, 0, 6]);
    expect(overloaded(hours, 8)).toEqual([true, false, false, false]);
    expect(overloaded([0.1 + 0.2], 0.3)).toEqual([false]);
  });
});

describe("boards", () => {
  it("draw only the cards that show", () => {
    const shape = { lines: 3, cover: false };
    const { tops, length } = stack(Array.from({ length: 10_000 }, () => shape));
    expect(length).toBe(8 + 10_000 * (cardHeight(shape) + 8));
    const [first, last] = shownBetween(tops, 500_000, 500_600);
    expect(last - first).toBeLessThan(20);
    expect(tops[first]!).toBeLessThan(500_000);
    expect(tops[last]!).toBeGreaterThan(500_600);
    expect(shownBetween(tops, 0, 600)[0]).toBe(0);
  });

  it("have the same columns in every lane", () => {
    const cell = (value: string | null, count = 1): Cell => ({ value, count, sum: null, rows: [], cursor: "", loading: false });
    const found = aligned([[cell("a"), cell("b")], [cell(null), cell("b"), cell("c")]]);
    expect(found.map((cells) => cells.map((one) => [one.value, one.count]))).toEqual([
      [[null, 0], ["a", 1], ["b", 1], ["c", 0]],
      [[null, 1], ["a", 0], ["b", 1], ["c", 1]],
    ]);
  });

  it("move a card and the numbers with it", () => {
    const cell = (value: string | null, ids: string[]): Cell => ({ value, count: ids.length, sum: null, rows: ids.map((id) => row(id)), cursor: "", loading: false });
    const after = moved([cell(null, ["x"]), cell("a", ["1", "2"]), cell("b", ["3"])], "a", "b", row("2"));
    expect(after.map((one) => [one.count, one.rows.map((each) => each.id).join()])).toEqual([
      [1, "x"],
      [1, "1"],
      [2, "2,3"],
    ]);
    expect(fullness(3, 3)).toBe("full");
    expect(fullness(4, 3)).toBe("over");
    expect(fullness(4, undefined)).toBe("");
  });
});

describe("hierarchies", () => {
  const branch = (rows: string[], below: Record<string, number> = {}): Branch => ({ rows: rows.map((id) => row(id)), cursor: "", below, totals: {}, loading: false });

  it("show what is open, each record once", () => {
    const branches = new Map([
      ["", branch(["a", "b"], { a: 2 })],
      ["a", branch(["c", "b"], { c: 1 })],
      ["c", branch(["d"])],
    ]);
    expect(visible(branches, new Set(["a"])).map((line) => [line.row.id, line.depth])).toEqual([
      ["a", 0],
      ["c", 1],
      ["b", 1],
    ]);
    const lines = visible(branches, new Set(["a", "c"]));
    expect(isBelow(lines, "d", "a")).toBe(true);
    expect(isBelow(lines, "a", "d")).toBe(false);
  });
});

describe("names on the map", () => {
  it("stand beside points and each other, or wait until one looks closer", () => {
    const places = [
      { x: 0, y: 0, name: "四川" },
      { x: 4, y: 0, name: "重庆" },
      { x: 300, y: 0, name: "上海" },
    ];
    const found = spaced(places, [{ x: 0, y: 0, radius: 10 }], 12);
    expect(found.find((one) => one.name === "四川")!.y).toBeGreaterThan(10);
    expect(found.find((one) => one.name === "上海")!.y).toBeLessThan(10);
    expect(new Set(found.map((one) => one.y)).size).toBe(found.length);
    const crowd = Array.from({ length: 20 }, (_, at) => ({ x: at, y: 0, name: "河北" }));
    expect(spaced(crowd, [], 12).length).toBeLessThan(8);
  });
});

describe("places", () => {
  it("are found by code, by the beginning of an address, by region", () => {
    expect(placeOf("310115")?.zh).toBe("上海");
    expect(placeOf("上海市浦东新区世纪大道 1 号")?.code).toBe("31");
    expect(placeOf("内蒙古自治区呼和浩特市")?.code).toBe("15");
    expect(placeOf("Guangdong")?.zh).toBe("广东");
    expect(placeOf("华东")?.en).toBe("East");
    expect(placeOf("西南")?.en).toBe("Southwest");
    expect(placeOf("火星")).toBeUndefined();
    expect(PROVINCES).toHaveLength(34);
  });

  it("stand inside the plane and gather when they are near", () => {
    for (const one of PROVINCES) {
      const { x, y } = project(one.lng, one.lat);
      expect(x > 0 && x < 1_000 && y > 0 && y < 860).toBe(true);
    }
    const points = [0, 1, 2, 200].map((x) => ({ x, y: 0, item: x }));
    expect(clusters(points, 20).map((spot) => spot.items)).toEqual([[0, 1, 2], [200]]);
  });
});
