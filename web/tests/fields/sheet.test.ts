import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { defineComponent, h, shallowRef } from "vue";

import type { FieldMeta, Json } from "@/api/types";
import type { FieldContext, RowLook } from "@/fields/contract";
import { loadSheet } from "@/fields/sheet";
import { pasteBlock } from "@/fields/sheet/rows";
import { totalOf, totalText } from "@/fields/sheet/totals";
import { typedValue } from "@/fields/typed";
import type { SubRow } from "@/fields/types/subtable";
import SubtableWidget from "@/fields/widgets/SubtableWidget.vue";
import { toasts } from "@/kit/toast";

import { ctx as plain, field } from "../runtime/sample";

const stage = field("stage", "select", { options: { options: [{ id: "s1", label: { "zh-CN": "进行", en: "Running" } }, { id: "s2", label: "Done" }] } });
const columns: FieldMeta[] = [field("name", "text"), field("qty", "number", { options: { scale: 0 } }), stage, field("sum", "formula", { options: { result: "number" } })];
const ctx: FieldContext = {
  ...plain,
  fields: () => columns,
  lookup: async (_field, query) => [{ value: `id-${query}`, label: query }, { value: "other", label: `${query}x` }].filter(() => query !== "没有"),
};
const items = field("items", "subtable", { options: { entity: "item" } });
const json = async (one: FieldMeta, text: string): Promise<Json | string> => {
  const found = await typedValue(one, text, ctx);
  return "json" in found ? found.json : `! ${found.error}`;
};

describe("a pasted text", () => {
  it("becomes a value of its type", async () => {
    expect(await json(field("n", "number", { options: { scale: 1 } }), " 1,234.5 ")).toBe("1234.5");
    expect(await json(field("p", "percent"), "15%")).toBe("0.15");
    expect(await json(field("d", "date"), "2026年3月5日")).toBe("2026-03-05");
    expect(await json(field("t", "datetime"), "2026/3/5 14:30:00")).toBe("2026-03-05T06:30:00Z");
    expect(await json(field("b", "switch"), "是")).toBe(true);
    expect(await json(stage, "running")).toBe("s1");
    expect(await json(stage, "进行")).toBe("s1");
    expect(await json(field("m", "multi_select", { options: stage.options }), "进行、Done")).toEqual(["s1", "s2"]);
    expect(await json(field("u", "user"), "陈静")).toBe("id-陈静");
    expect(await json(field("n", "number"), "")).toBeNull();
  });

  it("says why where it does not", async () => {
    expect(await json(field("n", "number"), "abc")).toMatch(/^! /);
    expect(await json(field("d", "date"), "2026-02-30")).toMatch(/^! /);
    expect(await json(stage, "没有")).toMatch(/^! /);
    expect(await json(field("u", "user"), "没有")).toMatch(/^! /);
  });
});

describe("a pasted block", () => {
  const given = (block: string[][], row = 0, column = 0) => ({ rows: [{ id: "1", name: "a", qty: "1" }] as SubRow[], columns, block, row, column, labelOf: (one: FieldMeta) => one.key });

  it("goes over the rows from the cell on, and adds rows", async () => {
    const done = await pasteBlock(given([["b", "2"], ["c", "x"]]), ctx);
    expect(done.rows).toMatchObject([{ id: "1", name: "b", qty: "2" }, { name: "c", qty: null }]);
    expect(done.faults.map((fault) => [done.rows.indexOf(fault.row), fault.key])).toEqual([[1, "qty"]]);
    expect([done.added, done.cut]).toEqual([1, 0]);
  });

  it("finds its columns by the labels above it", async () => {
    const done = await pasteBlock(given([["qty", "other", "name"], ["7", "-", "z"]], 1, 0), ctx);
    expect(done.rows[1]).toMatchObject({ qty: "7", name: "z" });
  });

  it("never writes what is only worked out, and stops at the most rows", async () => {
    const done = await pasteBlock(given([["5"]], 0, 3), ctx);
    expect(done.rows[0]).not.toHaveProperty("sum");
    expect((await pasteBlock(given([["a"], ["b"]], 4_999), ctx)).cut).toBe(1);
  });
});

describe("the line below", () => {
  it("has the figures the design asks for", () => {
    const designed = field("items", "subtable", { options: { totals: { fld_qty: "avg", fld_name: "count" } } });
    expect(columns.map((column) => totalOf(designed, column))).toEqual(["count", "avg", "none", "sum"]);
    const qty = field("q", "number", { options: { scale: 1 } });
    expect(totalText("sum", qty, ["0.1", "0.2", null, ""], ctx)).toBe("0.3");
    expect(totalText("avg", qty, ["1", "2", "2"], ctx)).toContain("1.667");
    expect(totalText("min", qty, ["3", "-1"], ctx)).toContain("-1");
    expect(totalText("count", qty, ["3", null], ctx)).toContain("1");
    expect(totalText("avg", qty, [], ctx)).toBe("");
  });
});

describe("a sheet", () => {
  beforeAll(loadSheet);
  afterEach(() => {
    document.body.innerHTML = "";
    toasts.length = 0;
  });

  function sheet(rows: SubRow[], more: Partial<FieldContext> = {}) {
    const value = shallowRef(rows);
    const host = defineComponent(() => () =>
      h(SubtableWidget, { id: "f-items", field: items, mode: "edit", ctx: { ...ctx, ...more }, modelValue: value.value, "onUpdate:modelValue": (next: SubRow[]) => (value.value = next) }),
    );
    return { wrapper: mount(host, { attachTo: document.body }), value };
  }
  const many = (n: number): SubRow[] => Array.from({ length: n }, (_, at) => ({ id: `r${at}`, name: `n${at}`, qty: String(at), stage: null }));
  const press = async (id: string, key: string, more: KeyboardEventInit = {}) => {
    const target = document.getElementById(id)!;
    target.focus();
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
    await flushPromises();
  };

  it("draws only the rows in sight", () => {
    const { wrapper } = sheet(many(5_000));
    expect(wrapper.findAll(".f-sheet-row").length).toBeLessThan(60);
    expect(wrapper.find("[role=table]").attributes("aria-rowcount")).toBe("5001");
  });

  it("has the controls of one row out, and goes on with Enter, adding a row at the end", async () => {
    const { wrapper, value } = sheet(many(2));
    expect(wrapper.find("#f-items-0-name").exists()).toBe(true);
    expect(wrapper.find("#f-items-1-name").exists()).toBe(false);
    await press("f-items-0-name", "Enter");
    expect(document.activeElement?.id).toBe("f-items-1-name");
    await press("f-items-1-name", "Enter");
    expect(value.value).toHaveLength(3);
    expect(document.activeElement?.id).toBe("f-items-2-name");
    await press("f-items-2-name", "ArrowUp");
    expect(document.activeElement?.id).toBe("f-items-1-name");
  });

  it("moves on with Tab at the end of a row, leaves with Escape", async () => {
    sheet(many(2));
    await press("f-items-0-stage", "Tab");
    expect(document.activeElement?.id).toBe("f-items-1-name");
    await press("f-items-1-name", "Escape");
    expect(document.activeElement?.className).toContain("f-sub-add");
  });

  it("fills down, and takes it back", async () => {
    const { value } = sheet(many(3));
    await press("f-items-0-name", "ArrowDown");
    await press("f-items-1-name", "d", { ctrlKey: true });
    expect(value.value[1]!.name).toBe("n0");
    toasts.at(-1)!.action!.run();
    expect(value.value[1]!.name).toBe("n1");
  });

  it("deletes a row, and takes it back", async () => {
    const { value } = sheet(many(3));
    await press("f-items-0-name", "Delete", { ctrlKey: true });
    expect(value.value.map((row) => row.id)).toEqual(["r1", "r2"]);
    toasts.at(-1)!.action!.run();
    expect(value.value).toHaveLength(3);
  });

  it("takes a block from a spreadsheet, marks what it could not read, and takes it back", async () => {
    const { wrapper, value } = sheet(many(1));
    const event = new Event("paste", { bubbles: true, cancelable: true }) as Event & { clipboardData: unknown };
    event.clipboardData = { getData: () => "甲\t3\n乙\t坏" };
    document.getElementById("f-items-0-name")!.dispatchEvent(event);
    await flushPromises();
    expect(value.value).toMatchObject([{ id: "r0", name: "甲", qty: "3" }, { name: "乙", qty: null }]);
    expect(wrapper.find("[data-wrong] .f-sheet-mark").exists()).toBe(true);
    toasts.at(-1)!.action!.run();
    expect(value.value).toHaveLength(1);
  });

  it("shows a row as the rules have it", () => {
    const none = new Set<string>();
    const look: RowLook = { values: { name: "n0", qty: "4", stage: null, sum: "8" }, hidden: new Set(["stage"]), required: none, locked: new Set(["qty"]), choices: new Map() };
    const { wrapper } = sheet(many(1), { row: () => look });
    expect(wrapper.find("#f-items-0-stage").exists()).toBe(false);
    expect(wrapper.find("#f-items-0-qty input, input#f-items-0-qty").exists()).toBe(false);
    expect(wrapper.find("#f-items-0-sum").text()).toBe("8.00");
  });
});
