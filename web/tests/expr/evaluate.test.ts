import { describe, expect, it } from "vitest";

import { Env, type Result, type Tree, type Type, evaluator, supported, write } from "@/expr";

const NUMBER: Type = { number: 2 };
const value = (v: string | boolean | null, t: Type = "number"): Tree => ({ k: "const", t, v });
const field = (id: string, t: Type = NUMBER, required = false): Tree => ({ k: "path", t, root: "", ids: [id], required });
const call = (f: string, a: Tree[], t: Type = "number"): Tree => ({ k: "call", t, f, a });
const env = (record: Record<string, unknown> = {}): Env =>
  new Env(record, { now: "2024-06-01T20:30:00Z", user: { id: "u1", roles: ["rol_sales"] } });

function shown(tree: Tree, record: Record<string, unknown> = {}): unknown {
  const result: Result = evaluator(tree)(env(record));
  return "error" in result ? `#${result.error}` : write(result.value, tree.t);
}

const divided = call("/", [value("1"), field("x")]);
const isOne = call("=", [divided, value("1")], "boolean");

describe("blanks", () => {
  it("pass through arithmetic and order, but are seen by equality", () => {
    expect(shown(call("+", [field("x"), value("1")]))).toBeNull();
    expect(shown(call("<", [field("x"), value("1")], "boolean"))).toBeNull();
    expect(shown(call("=", [field("x"), value(null)], "boolean"))).toBe(true);
  });

  it("read as empty text in functions over text, and empty text is blank", () => {
    expect(shown(call("LEN", [field("t", "text")]))).toBe("0");
    expect(shown(call("LEFT", [field("t", "text"), value("0")], "text"), { t: "abc" })).toBeNull();
  });

  it("are no checkboxes", () => expect(shown(field("b", "boolean", true))).toBe(false));

  it("do not hold as conditions", () => {
    expect(shown(call("IF", [field("b", "boolean"), value("1"), value("2")]))).toBe("2");
  });
});

describe("errors", () => {
  it("come out as codes, and IFERROR takes them", () => {
    expect(shown(divided, { x: "0" })).toBe("#DIV0");
    expect(shown(call("IFERROR", [divided, value("7")]), { x: "0" })).toBe("7");
  });

  it("do not count where the other side decides", () => {
    expect(shown(call("AND", [isOne, value(false, "boolean")], "boolean"), { x: "0" })).toBe(false);
    expect(shown(call("AND", [isOne, value(null, "boolean")], "boolean"), { x: "0" })).toBe("#DIV0");
  });
});

describe("paths", () => {
  const hop = (ids: string[]): Tree => ({ k: "path", t: "text", root: "", ids });

  it("give blank where a link is empty", () => expect(shown(hop(["account", "title"]))).toBeNull());

  it("read what was sent along, and ask the server for the rest", () => {
    expect(shown(hop(["account", "title"]), { account: { sys_id: "a1", title: "x" } })).toBe("x");
    expect(shown(hop(["account", "sys_id"]), { account: "a1" })).toBe("a1");
    expect(() => shown(hop(["account", "title"]), { account: "a1" })).toThrow(/not sent along/);
  });

  it("take values as the server sends them or as they were read before", () => {
    expect(shown(call("+", [field("x"), value("1")]), { x: "0.10" })).toBe("1.1");
    expect(shown(call("+", [field("x"), value("1")]), { x: 10n ** 20n })).toBe("2");
    expect(shown(call("YEAR", [field("d", "date")]), { d: "2024-05-06" })).toBe("2024");
  });
});

describe("lists", () => {
  const rows: Type = { list: { record: "ent_item" } };
  const price: Tree = { k: "path", t: NUMBER, root: 0, ids: ["price"] };
  const map = call("MAP", [field("items", rows), { k: "lambda", t: NUMBER, slot: 0, body: price }], { list: NUMBER });

  it("add up, blanks left out", () => {
    expect(shown(call("SUM", [map]), { items: [{ price: "1.5" }, { price: null }, { price: "2" }] })).toBe("3.5");
    expect(shown(call("SUM", [map]))).toBe("0");
  });

  it("end with an error when a formula looks at too many", () => {
    expect(shown(call("SUM", [map]), { items: new Array(100_001).fill({ price: "1" }) })).toBe("#LIMIT");
  });
});

describe("what the browser can do", () => {
  it("is known beforehand", () => {
    expect(supported(divided)).toBe(true);
    expect(supported(call("PINYIN", [value("x", "text")], "text"))).toMatch(/PINYIN/);
    expect(supported(call("REGEXMATCH", [field("t", "text"), value("\\p{Han}", "text")], "boolean"))).toMatch(/pattern/);
    expect(supported(call("toString", [], "text"))).toMatch(/server/);
  });

  it("knows the clock and the user it was given", () => {
    expect(shown(call("TODAY", [], "date"))).toBe("2024-06-02");
    expect(shown(call("NOW", [], "datetime"))).toBe("2024-06-01T20:30:00Z");
    expect(shown(call("HASROLE", [value("rol_sales", "text")], "boolean"))).toBe(true);
  });
});
