import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, shallowRef, type EffectScope } from "vue";

import { AppModel } from "@/api/metadata";
import type { AppMeta, EntityMeta, Labels } from "@/api/types";
import type { Tree, Type } from "@/expr";
import type { RulesMeta } from "@/rules";
import { formErrors } from "@/runtime/record/formErrors";
import { useRecord, type RecordEditor } from "@/runtime/record/useRecord";
import { useRules, type RulesDesk } from "@/runtime/record/useRules";

import { answer, ctx, entity, field } from "./sample";

const number: Type = { number: 2 };
const path = (id: string, t: Type = number): Tree => ({ k: "path", t, root: "", ids: [id] });
const value = (v: string, t: Type = number): Tree => ({ k: "const", t, v });
const call = (f: string, t: Type, ...a: Tree[]): Tree => ({ k: "call", t, f, a });

const rules: RulesMeta = {
  conditions: { rul_big: call("=", "boolean", path("fld_kind", "text"), value("big", "text")) },
  show: { size: [{ rule: "rul_big", clear: false }] },
  require: { note: ["rul_big"] },
  needed: [],
  lock: {},
  set: {},
  choose: { level: [{ rule: "rul_big", options: ["a"] }] },
  checks: [
    { rule: "rul_cheap", severity: "warn", about: ["price"], fields: ["price"], check: call(">=", "boolean", path("fld_price"), value("10")), message: "太便宜", values: {} },
    { rule: "rul_max", severity: "block", about: ["price"], fields: ["price"], check: call("<=", "boolean", path("fld_price"), value("100")), message: "太贵", values: {} },
  ] as unknown as RulesMeta["checks"],
  formulas: { total: call("*", number, path("fld_price"), value("2")) },
  defaults: {},
  fit: { total: { scale: 2 } },
  asks: [],
};
const fields = [
  field("kind", "text"),
  field("size", "number", { required: true }),
  field("note", "text"),
  field("price", "number"),
  field("total", "formula", { options: { result: "number", scale: 2 } }),
  field("level", "select", { options: { options: [{ id: "a", label: "A" }, { id: "b", label: "B" }] } }),
];
const items = fields.map((one) => ({ id: `lay_${one.key}`, kind: "field" as const, field: one.key, width: 6 }));
const model = entity(fields, { rules, form: { id: "frm", items, related: [], steps: { account: [[1, "c:rul_big"], [2, "f:size"], [3, "f:total"]] } } });
const meta: AppMeta = { id: "a", key: "crm", name: "x", version: 1, menu: [], entities: [model.meta as EntityMeta], dashboards: [], flows: [] };
const app = new AppModel(meta);

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const sent = (call: number) => JSON.parse(String(fetched.mock.calls[call]![1].body)) as Record<string, unknown>;
const stored = { id: "r1", rev: 1, values: { kind: "big", price: "20", total: "40", size: "1", note: "n", level: "a" } };
let scope: EffectScope;
let editor: RecordEditor;
let desk: RulesDesk;

beforeEach(async () => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  scope = effectScope();
  scope.run(() => {
    desk = useRules({ app: () => app, entity: () => model, ctx, follow: (keys) => editor.follow(keys) });
    editor = useRecord({ app: () => "crm", entity: () => model, ctx, labels: shallowRef<Labels>({}), rules: desk });
  });
  fetched.mockResolvedValueOnce(answer({ now: "2026-11-21T08:00:00Z" }));
  await desk.load();
  fetched.mockReset();
});
afterEach(() => {
  scope.stop();
  vi.unstubAllGlobals();
});

describe("a form with rules", () => {
  it("shows, requires and narrows as one types, and says so", () => {
    editor.begin();
    expect([desk.shown("size"), desk.required(model.field("note")!), desk.options(model.field("level")!)]).toEqual([false, false, null]);
    editor.set("kind", "big");
    expect(desk.shown("size")).toBe(true);
    expect(desk.required(model.field("note")!)).toBe(true);
    expect([...desk.options(model.field("level")!)!]).toEqual(["a"]);
    expect(desk.news.value).toContain("size");
  });

  it("works out formulas at once", () => {
    editor.begin();
    editor.set("price", "21");
    expect(editor.values.total).toBe("42");
    expect(editor.changes.value).toEqual({ price: "21" });
  });

  it("never stops at a hidden field, and sends nothing of it", async () => {
    editor.begin();
    editor.set("kind", "big");
    editor.set("size", "7");
    editor.set("kind", "small");
    editor.set("price", "20");
    fetched.mockResolvedValueOnce(answer({ record: stored, labels: {} }, 201));
    expect(await editor.save()).toBe("saved");
    expect(sent(0)).toEqual({ form: "frm", values: { kind: "small", price: "20" } });
  });

  it("stops at what a rule blocks, on its field", async () => {
    editor.begin();
    editor.set("price", "200");
    expect(editor.complaintOf(model.field("price")!)).toBeNull();
    editor.touch("price");
    expect(editor.complaintOf(model.field("price")!)).toBe("太贵");
    expect(await editor.save()).toBe("invalid");
    expect(fetched).not.toHaveBeenCalled();
  });

  it("asks a reason for a warning, and sends it along", async () => {
    editor.begin();
    editor.set("price", "5");
    expect(desk.hint(model.field("price")!)).toEqual({ tone: "warn", text: "太便宜" });
    expect(await editor.save()).toBe("invalid");
    expect(formErrors(editor, model, desk, ctx).map((one) => one.id)).toEqual(["reason-rul_cheap"]);
    desk.reasons.rul_cheap = "促销";
    fetched.mockResolvedValueOnce(answer({ record: stored, labels: {} }, 201));
    expect(await editor.save()).toBe("saved");
    expect(sent(0)).toEqual({ form: "frm", values: { price: "5" }, reasons: { rul_cheap: "促销" } });
  });

  it("takes the server's wish for a reason the browser did not know of", async () => {
    editor.begin();
    editor.set("price", "50");
    const finding = { code: "R332", place: "/price", text: "和上次差太多", severity: "warning", rule: "rul_server" };
    fetched.mockResolvedValueOnce(answer({ status: 422, findings: [finding] }, 422));
    expect(await editor.save()).toBe("invalid");
    expect(formErrors(editor, model, desk, ctx).map((one) => one.id)).toEqual(["reason-rul_server"]);
    desk.reasons.rul_server = "涨价";
    fetched.mockResolvedValueOnce(answer({ record: stored, labels: {} }, 201));
    expect(await editor.save()).toBe("saved");
    expect(sent(1)).toMatchObject({ reasons: { rul_server: "涨价" } });
  });

  it("goes on with earlier work under the rules", async () => {
    fetched.mockResolvedValueOnce(answer({ record: stored, labels: {} }));
    await editor.load("r1");
    expect(editor.dirty.value).toBe(false);
    editor.adopt({ price: "30" }, stored.values, 1, {});
    expect(editor.values.total).toBe("60");
    expect(editor.changes.value).toEqual({ price: "30" });
    editor.reset();
    expect(editor.values.total).toBe("40");
  });
});
