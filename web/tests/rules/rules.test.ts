import { describe, expect, it } from "vitest";

import type { Tree, Type } from "@/expr";
import { type RuledEntity, type RuledField, type RuledForm, type RulesMeta, createRules } from "@/rules";

const around = { now: "2026-11-21T08:00:00Z", zone: "Asia/Shanghai", user: { id: "usr_a", roles: [], departments: [], fields: {} } };
const number: Type = { number: 2 };

const path = (id: string, t: Type = number): Tree => ({ k: "path", t, root: "", ids: [id] });
const above = (id: string, t: Type = number): Tree => ({ k: "path", t, root: "", ids: ["sys_parent", id] });
const value = (v: string, t: Type = number): Tree => ({ k: "const", t, v });
const call = (f: string, t: Type, ...a: Tree[]): Tree => ({ k: "call", t, f, a });
const equals = (id: string, text: string): Tree => call("=", "boolean", path(id, "text"), value(text, "text"));

const field = (key: string, type = "text", more: Partial<RuledField> = {}): RuledField => ({
  id: `fld_${key}`, key, type, label: key, level: "write", ...more,
});

const rules = (more: Partial<RulesMeta>): RulesMeta => ({
  conditions: {}, show: {}, require: {}, needed: [], lock: {}, set: {}, choose: {}, checks: [], formulas: {}, defaults: {}, fit: {}, asks: [], ...more,
});

const one = (fields: RuledField[], meta: Partial<RulesMeta>): RuledEntity => ({ id: "ent_a", key: "a", fields, rules: rules(meta) });
const form = (steps: RuledForm["steps"], items: RuledForm["items"] = []): RuledForm => ({ id: "frm_a", items, related: [], steps });
const open = (entity: RuledEntity, layout: RuledForm | null = null, base: Record<string, never> | null = null, other?: RuledEntity) =>
  createRules({ entity, form: layout, entityOf: () => other, around, base });

describe("a form's rules", () => {
  it("hides what is not there, asks nothing of it and forgets what was typed into it", () => {
    const entity = one([field("kind"), field("size", "number", { required: true })], {
      conditions: { rul_s: equals("fld_kind", "big") }, show: { size: [{ rule: "rul_s", clear: false }] },
    });
    const live = open(entity);
    expect(live.shown("size")).toBe(false);
    expect(live.findings()).toEqual([]);
    live.set("size", "4");
    expect(live.state.values.size).toBe(null);
    expect([...live.set("kind", "big").keys]).toContain("size");
    expect(live.state.values.size).toBe("4");
    expect(live.entered()).toEqual({ kind: "big", size: "4" });
    live.set("size", null);
    expect(live.findings().map((finding) => [finding.code, finding.place])).toEqual([["R304", "/size"]]);
  });

  it("writes values in the order they depend on each other, and leaves what a person typed", () => {
    const entity = one([field("a", "number"), field("b", "number"), field("c", "number")], {
      set: {
        b: [{ rule: "rul_b", moment: "change", value: call("*", number, path("fld_a"), value("2")) }],
        c: [{ rule: "rul_c", moment: "always", value: call("+", number, path("fld_b"), value("1")) }],
      },
      fit: { b: { scale: 2 }, c: { scale: 2 } },
    });
    const live = open(entity, form({ a: [[1, "f:b"], [2, "f:c"]] }));
    live.set("a", "3");
    expect(live.state.values).toMatchObject({ b: "6", c: "7" });
    live.set("b", "10");
    live.set("a", "5");
    expect(live.state.values).toMatchObject({ b: "10", c: "11" });
    expect(live.locked("c")).toBe(true);
    live.release("b");
    expect(live.state.values).toMatchObject({ b: "10", c: "11" });
    expect(live.entered()).toEqual({ a: "5" });
  });

  it("computes rows with what stands above them, and totals over the rows that changed", () => {
    const items = { id: "ent_i", key: "i", fields: [field("qty", "number"), field("net", "formula", { options: { result: "number" } })],
      rules: rules({ formulas: { net: call("*", number, path("fld_qty"), above("fld_rate")) }, fit: { net: { scale: 2 } } }) };
    const rows: Type = { list: { record: "ent_i" } };
    const sum = call("SUM", number, call("MAP", { list: number }, path("fld_items", rows),
      { k: "lambda", t: number, slot: 0, body: { k: "path", t: number, root: 0, ids: ["fld_net"] } }));
    const entity = one([field("rate", "number"), field("items", "subtable", { options: { entity: "i" } }), field("total", "formula", { options: { result: "number" } })],
      { formulas: { total: sum }, fit: { total: { scale: 2 } } });
    const live = open(entity, form({ a: [[2, "f:total"]], i: [[1, "f:net"]] }), null, items);
    const [first, second] = [{ qty: "2" }, { qty: "3" }];
    live.set("rate", "1.5");
    live.set("items", [first, second]);
    expect(live.state.values.total).toBe("7.5");
    const touched = live.set("items", [first, { qty: "4" }]);
    expect([...(touched.rows.get("items") ?? [])]).toEqual([1]);
    expect(live.row("items", 1)?.values.net).toBe("6");
    expect(live.state.values.total).toBe("9");
    live.set("rate", "2");
    expect(live.state.values.total).toBe("12");
  });

  it("judges: choices, checks with their severity, and what has to be asked elsewhere", () => {
    const entity = one([field("level", "select"), field("amount", "number")], {
      choose: { level: [{ rule: "rul_o", options: ["x", "y"] }] },
      checks: [
        { rule: "rul_k", severity: "warn", fields: ["amount"], about: ["amount"], message: "too much", values: {},
          check: call("<", "boolean", path("fld_amount"), value("10")) },
        { rule: "rul_f", severity: "fix", fields: [], about: ["amount"], message: "odd", values: { amount: value("4") },
          check: call("<>", "boolean", path("fld_amount"), value("13")) },
      ],
      conditions: { rul_s: null }, lock: { amount: ["rul_s"] }, asks: ["level"],
    });
    const live = open(entity);
    live.set("level", "z");
    live.set("amount", "13");
    expect(live.findings().map((finding) => [finding.code, finding.place, finding.severity])).toEqual([
      ["R331", "/level", "block"], ["R325", "/amount", "warn"], ["R325", "", "fix"],
    ]);
    expect(live.choices("level")).toEqual(["x", "y"]);
    live.mend();
    expect(live.state.values.amount).toBe("4");
    expect(live.ask()).toEqual({ form: undefined, values: { level: "z", amount: "13" } });
    live.answer({ values: {}, conditions: { rul_s: true } });
    expect(live.locked("amount")).toBe(true);
    expect(live.ask()).toBe(null);
    live.set("level", "x");
    expect(live.ask()).not.toBe(null);
  });
});
