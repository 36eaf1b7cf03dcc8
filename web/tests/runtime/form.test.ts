import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { nextTick, shallowReactive } from "vue";

import type { FormItemMeta, FormMeta } from "@/api/types";
import { setLang } from "@/i18n";
import { NO_RULES } from "@/runtime/record/form/surface";
import { addressOf, frameAllowed } from "@/runtime/record/form/templates";
import { fieldsIn, formTree, placesOf, stepsOf } from "@/runtime/record/form/tree";
import RecordForm from "@/runtime/record/RecordForm.vue";

import { ctx, field } from "./sample";

const fields = new Map(
  [field("a", "text"), field("b", "text", { required: true }), field("c", "text"), field("gone", "text", { level: "hidden" }), field("sum", "formula")].map((one) => [one.key, one]),
);
const find = (key: string) => fields.get(key);
let count = 0;
const put = (kind: FormItemMeta["kind"], items: FormItemMeta[] = [], more: Partial<FormItemMeta> = {}): FormItemMeta => ({ id: `lay_${(count += 1)}`, kind, width: 6, items, ...more });
const at = (key: string, id = `lay_${key}`): FormItemMeta => ({ id, kind: "field", field: key, width: 6 });
const form = (items: FormItemMeta[], more: Partial<FormMeta> = {}): FormMeta => ({ items, related: [], ...more });

describe("the tree of a form", () => {
  it("keeps order, joins loose parts, and has every field once", () => {
    const tree = formTree(form([at("a"), put("divider"), put("section", [at("b"), at("a", "again")]), at("c")]), find, "edit");
    expect(tree.map((one) => one.kind)).toEqual(["flow", "section", "flow"]);
    expect(tree.flatMap(fieldsIn)).toEqual(["a", "b", "c"]);
  });

  it("leaves out what is empty, hidden or, while filling in, only worked out", () => {
    const items = [put("section", [at("gone")]), put("tabs", [put("tab", [])]), put("section", [at("sum")]), put("section", [put("note", [], { text: "hi" })])];
    expect(formTree(form(items), find, "edit")).toHaveLength(1);
    expect(formTree(form(items), find, "read").flatMap(fieldsIn)).toEqual(["sum"]);
  });

  it("says where a field stands", () => {
    const tree = formTree(form([put("tabs", [put("tab", [put("section", [at("a")])], { id: "lay_tab" })])]), find, "edit");
    expect(placesOf(tree).get("a")!.map((one) => one.kind)).toEqual(["tabs", "tab", "section", "flow"]);
  });

  it("gives loose parts around pages to a page", () => {
    const steps = stepsOf(formTree(form([at("a"), put("page", [at("b")]), put("page", [at("c")]), put("note", [], { text: "x" })]), find, "edit"));
    expect(steps.map((one) => fieldsIn(one))).toEqual([["a", "b"], ["c"]]);
    expect(stepsOf(formTree(form([at("a")]), find, "edit"))).toEqual([]);
  });
});

describe("addresses on a form", () => {
  const value = (key: string) => ({ a: "x y/../&?", c: "evil.com" })[key];
  it("carry values that cannot lead elsewhere", () => {
    expect(addressOf("https://m.cn/?q={a}", find, value)?.href).toBe("https://m.cn/?q=x%20y%2F..%2F%26%3F");
    expect(addressOf("https://{c}/", find, value)).toBeNull();
    expect(addressOf("https://m.cn.{c}/", find, value)).toBeNull();
    expect(addressOf("http://m.cn/", find, value)).toBeNull();
    expect(addressOf("javascript:alert(1)", find, value)).toBeNull();
    expect(addressOf("https://m.cn/{fld_missing}", find, value)?.href).toBe("https://m.cn/");
  });
  it("are framed only where the install allows it", () => {
    expect(frameAllowed(new URL("https://m.cn/x"), ["https://m.cn"])).toBe(true);
    expect(frameAllowed(new URL("https://a.m.cn/x"), ["https://*.m.cn"])).toBe(true);
    expect(frameAllowed(new URL("https://am.cn/x"), ["https://*.m.cn"])).toBe(false);
    expect(frameAllowed(new URL("https://m.cn/x"), [])).toBe(false);
  });
});

function show(meta: FormMeta, props: Record<string, unknown> = {}) {
  const values = shallowReactive<Record<string, unknown>>({ a: "", b: "", c: "" });
  const wrapper = mount(RecordForm, { attachTo: document.body, props: { form: meta, field: find, values, mode: "edit", ctx, ...props } });
  return { wrapper, values };
}

describe("a form", () => {
  afterEach(() => (document.body.innerHTML = ""));

  it("goes on only from a step that is right, and back freely", async () => {
    await setLang("en");
    const wrong = new Set(["b"]);
    const meta = form([put("page", [at("b")], { label: "One" }), put("page", [at("c")], { label: "Two" })]);
    const { wrapper } = show(meta, { judge: (keys: string[]) => keys.filter((key) => wrong.has(key)) });
    const press = async (name: string) => {
      await wrapper.findAll("button").find((one) => one.text() === name)!.trigger("click");
      await flushPromises();
    };
    await press("Next");
    expect(wrapper.find("#f-b").exists()).toBe(true);
    wrong.clear();
    await press("Next");
    expect(wrapper.find("#f-c").exists()).toBe(true);
    await press("Finish and save");
    expect(wrapper.emitted("last")).toHaveLength(1);
    await press("Back");
    expect(wrapper.find("#f-b").exists()).toBe(true);
    await setLang("zh-CN");
  });

  it("brings a field on another tab or in a closed section into sight", async () => {
    const meta = form([put("tabs", [put("tab", [at("a")]), put("tab", [put("section", [at("c")], { label: "S", config: { collapsed: true } })])])]);
    const { wrapper } = show(meta);
    expect(wrapper.find("#f-c").exists()).toBe(false);
    await wrapper.vm.reveal("c");
    expect(wrapper.find("#f-c").exists()).toBe(true);
    expect(wrapper.find("#f-a").exists()).toBe(false);
  });

  it("asks one question at a time, Enter goes on and hidden ones are never asked", async () => {
    const hidden = shallowReactive(new Set(["b"]));
    const { wrapper } = show(form([at("a"), at("b"), at("c")], { mode: "single" }), { rules: { ...NO_RULES, shown: (id: string) => !hidden.has(id) } });
    expect(wrapper.findAll("input")).toHaveLength(1);
    await wrapper.find("#f-a").trigger("keydown", { key: "Enter" });
    await flushPromises();
    expect(wrapper.find("#f-c").exists()).toBe(true);
    hidden.clear();
    await nextTick();
    expect(wrapper.find("#f-c").exists()).toBe(true);
    await wrapper.find("#f-c").trigger("keydown", { key: "Enter" });
    expect(wrapper.emitted("last")).toHaveLength(1);
  });

  it("draws again only the field that changed", async () => {
    const asked: string[] = [];
    const meta = form([at("a"), at("b"), at("c")]);
    const { values } = show(meta, { complaintOf: (one: { key: string }) => (asked.push(one.key), null) });
    asked.length = 0;
    values.a = "x";
    await nextTick();
    expect(asked.filter((key) => key !== "a")).toEqual([]);
  });

  it("shows notes as they were typed", () => {
    const { wrapper } = show(form([put("note", [], { text: "<b>x</b>" })]));
    expect(wrapper.find("b").exists()).toBe(false);
    expect(wrapper.text()).toContain("<b>x</b>");
  });
});
