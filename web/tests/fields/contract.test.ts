import { mount } from "@vue/test-utils";
import { beforeAll, describe, expect, it } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import type { FieldMeta, Json } from "@/api/types";
import { alignOf, checkField, FIELD_UIS, FieldCell, FieldRow, fieldType, textOf, type Mode } from "@/fields";
import { loadSheet } from "@/fields/sheet";
import { context, fields, values } from "@/gallery/samples";
import { CONTROLLED, loadWidgets } from "@/fields/widgets";
import en from "@/i18n/en";
import zh from "@/i18n/zh-CN";

const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/", name: "gallery", component: { render: () => null } }] });
const metas = new Map(fields().map((field) => [field.type, field]));
const sent = values();
const jsonOf = (field: FieldMeta): Json => sent[field.key] ?? null;
const FILES = new Set(["file", "image", "signature", "audio"]);
const JUNK: (Json | undefined)[] = [undefined, null, "", 0, -1.5, "nonsense", true, false, [], [null, 1, {}, "x"], {}, { id: 7 }, [[["deep"]]]];

// What seldom fields are drawn with comes with the first of them, as a sub-table's rows do.
beforeAll(() => Promise.all([loadSheet(), loadWidgets(CONTROLLED)]));

describe.each(FIELD_UIS.map((ui) => [ui.type, ui] as const))("field type %s", (type, ui) => {
  const field = metas.get(type)!;

  it("has a sample, words in both languages and one name", () => {
    expect(field, `add a sample of ${type} to the gallery`).toBeDefined();
    expect((zh as Record<string, string>)[ui.label]).toBeTruthy();
    expect((en as Record<string, string>)[ui.label]).toBeTruthy();
    expect(FIELD_UIS.filter((other) => other.type === type)).toHaveLength(1);
    expect(fieldType(type)).toBe(ui);
    expect(CONTROLLED, `add a control of ${type} to widgets.ts`).toContain(type);
  });

  // A query has no value: nothing it could bring in and out, or tell apart from blank.
  const valued = type !== "query";

  if (valued) it("brings a value in and out unchanged", () => {
    const form = ui.fromApi(jsonOf(field), field);
    const again = ui.fromApi(ui.toApi(form, field), field);
    expect(ui.blank(form)).toBe(false);
    expect(FILES.has(type) ? (again as { id: string }[]).map((file) => file.id) : again).toEqual(
      FILES.has(type) ? (form as { id: string }[]).map((file) => file.id) : form,
    );
    expect(ui.equal(form, ui.fromApi(JSON.parse(JSON.stringify(jsonOf(field))) as Json, field))).toBe(true);
  });

  it("has an empty value that is blank, equal to itself and shown as nothing", () => {
    const empty = ui.empty(field);
    expect(type === "switch" || ui.blank(empty)).toBe(true);
    expect(ui.equal(empty, ui.fromApi(null, field))).toBe(true);
    if (type !== "switch") expect(ui.text(field, empty, context)).toBe("");
    expect(ui.equal(empty, ui.fromApi(jsonOf(field), field))).toBe(!valued);
  });

  it("survives junk from outside", () => {
    for (const junk of JUNK) {
      const form = ui.fromApi(junk, field);
      expect(() => ui.toApi(form, field)).not.toThrow();
      expect(typeof ui.text(field, form, context)).toBe("string");
      expect(["string", "object"]).toContain(typeof ui.check(field, form, context));
      expect(ui.equal(form, form)).toBe(true);
    }
  });

  it("accepts its own value and asks for a missing one when required", () => {
    const required = { ...field, required: true, level: "write" as const };
    expect(checkField(required, ui.fromApi(jsonOf(field), field), context)).toBeNull();
    const missing = checkField(required, ui.empty(field), context);
    if (ui.computed || type === "switch") expect(missing).toBeNull();
    else expect(missing).toContain(String(field.label));
  });

  it("never shows more of a masked value than its text", () => {
    const masked = { ...field, level: "masked" as const };
    expect(textOf(masked, "****", context)).toBe("****");
    const cell = mount(FieldCell, { props: { field: masked, value: "****", ctx: context }, global: { plugins: [router] } });
    expect(cell.text()).toBe("****");
    expect(cell.find("a").exists()).toBe(false);
  });

  it.each(["edit", "read", "design"] as Mode[])("draws in mode %s with its label and id", (mode) => {
    for (const value of [ui.empty(field), ui.fromApi(jsonOf(field), field)]) {
      const wrapper = mount(FieldRow, {
        props: { field, ctx: context, mode, modelValue: value, error: mode === "edit" ? "不对" : undefined },
        global: { plugins: [router] },
      });
      expect(wrapper.text()).toContain(String(field.label));
      expect(wrapper.find(`#f-${field.key}`).exists()).toBe(true);
      expect(wrapper.find(".f-control").attributes("inert")).toBe(mode === "design" ? "" : undefined);
      if (mode === "read") expect(wrapper.find("input, textarea, [role=switch], .k-picker").exists()).toBe(false);
      if (mode === "edit") expect(wrapper.text()).toContain("不对");
      wrapper.unmount();
    }
  });

  it("cannot be changed by someone who may only read it", () => {
    const wrapper = mount(FieldRow, {
      props: { field: { ...field, level: "read" }, ctx: context, mode: "edit", modelValue: ui.fromApi(jsonOf(field), field) },
      global: { plugins: [router] },
    });
    expect(wrapper.find("input, textarea, [role=switch], .k-picker").exists()).toBe(false);
  });

  it("knows what stands right of each of its comparisons", () => {
    for (const operator of field.operators) {
      const kind = ui.operand(operator);
      expect(kind === "none").toBe(operator === "blank" || operator === "not_blank");
    }
    expect(["start", "end", "center"]).toContain(alignOf(field));
  });
});

describe("checks", () => {
  const meta = (type: string, options: Record<string, unknown> = {}): FieldMeta => ({ ...metas.get(type)!, options });
  it.each([
    ["email", {}, "chen@", "不是邮箱"],
    ["email", {}, "chen@nebula.example", null],
    ["phone", {}, "12", "不是电话"],
    ["number", { scale: 0 }, "1.5", "整数"],
    ["number", { scale: 2, max: "99.99" }, "100", "不能大于 99.99"],
    ["currency", { scale: 2 }, "1.005", "2 位小数"],
    ["number", { scale: 2 }, "十", "不是数字"],
    ["percent", { scale: 1, max: 1 }, "1.5", "不能大于 100%"],
    ["date", {}, "2026-02-30", "不是日期"],
    ["datetime", {}, "下周", "不是日期时间"],
    ["text", { max_length: 3 }, "四个字的", "最多 3 个字"],
    ["text", { max_length: 3 }, "𠮷𠮷𠮷", null],
  ])("%s %o %s", (type, options, value, words) => {
    const result = checkField(meta(type, options), value, context);
    if (words === null) expect(result).toBeNull();
    else expect(result).toContain(words);
  });
});
