import { describe, expect, it } from "vitest";

import { conditionOf, conditionText, operatorsOf, UNARY, type Operand } from "@/kit/expression/conditions";
import { matchOf } from "@/kit/expression/matching";
import { placed } from "@/kit/expression/places";
import { callAround, pathBefore, tokenise, words, written } from "@/kit/expression/tokens";
import { valueOf, valueText, type PointValue } from "@/kit/expression/values";
import type { Filter, Json } from "@/kit/filterTree";

const KINDS: Record<string, { kind: string; list: boolean }> = {
  name: { kind: "text", list: false },
  amount: { kind: "number", list: false },
  rate: { kind: "number", list: false },
  stage: { kind: "choice", list: false },
  tags: { kind: "choice", list: true },
  due: { kind: "date", list: false },
  hot: { kind: "boolean", list: false },
  owner: { kind: "person", list: false },
  "account.region": { kind: "text", list: false },
  "客户 名称": { kind: "text", list: false },
  items: { kind: "record", list: true },
  "items.price": { kind: "number", list: true },
  "items.qty": { kind: "number", list: true },
};
const known = (path: string) => KINDS[path];

describe("words of a formula", () => {
  const kinds = (source: string) => words(source).map((token) => `${token.kind} ${token.text}`);

  it("reads full-width punctuation as plain, every place kept", () => {
    const source = "IF（金额＞１，“a，b”；x）";
    expect(tokenise(source).map((token) => source.slice(token.from, token.to)).join("")).toBe(source);
    expect(kinds("IF（金额＞1，“a，b”）")).toEqual(["call IF", "open (", "name 金额", "operator >", "number 1", "comma ,", "string a，b", "close )"]);
  });

  it("knows texts, braces, comments and numbers", () => {
    expect(kinds('"a ""b""" & {客户 名称} // rest')).toEqual(['string a "b"', "operator &", "braced 客户 名称"]);
    expect(kinds("1.5e3*.5%/*x*/a.b")).toEqual(["number 1.5e3", "operator *", "number .5", "operator %", "name a", "dot .", "name b"]);
    expect(kinds("not in <> <= -> ≥ 'it''s'")).toEqual(["keyword NOT", "keyword IN", "operator <>", "operator <=", "operator ->", "operator ≥", "string it's"]);
    expect(tokenise('"open')[0]).toMatchObject({ open: true, to: 5 });
    expect(tokenise("/* open")[0]).toMatchObject({ open: true, kind: "comment" });
    expect(kinds("{open")).toEqual(["bad {", "name open"]);
  });

  it("finds the call around a place", () => {
    const source = 'IF(SUM(a, "x,(y"), b';
    expect(callAround(source, source.length)).toMatchObject({ name: "IF", argument: 1 });
    expect(callAround(source, 8)).toMatchObject({ name: "SUM", argument: 0 });
    expect(callAround("AND(a, ", 7)).toMatchObject({ name: "AND", argument: 1 });
    expect(callAround("ROUND((a + ", 11)).toMatchObject({ name: "ROUND", argument: 0 });
    expect(callAround("a + b", 3)).toBeNull();
    expect(callAround("IF（a，", 5)).toMatchObject({ name: "IF", argument: 1 });
  });

  it("finds the path before a dot", () => {
    const found = words("1 + owner.department.");
    expect(pathBefore(found, found.length - 1)).toEqual(["owner", "department"]);
    expect(pathBefore(words("f()."), 3)).toEqual([]);
  });

  it("writes names as they must be written", () => {
    expect(["amount", "金额", "客户 名称", "in", "1a"].map(written)).toEqual(["amount", "金额", "{客户 名称}", "{in}", "{1a}"]);
  });

  it("survives anything", () => {
    const parts = ["(", ")", '"', "'", "{", "}", "“", "IF", "/*", "//", "1e", ".", "，", "\n", "x", "≠", "🙂", "｛"];
    for (let seed = 1; seed < 400; seed += 1) {
      const random = generator(seed);
      const source = Array.from({ length: 12 }, () => pick(random, parts)).join("");
      expect(tokenise(source).map((token) => source.slice(token.from, token.to)).join("")).toBe(source);
      conditionOf(source, known);
      valueOf(source, known);
    }
  });
});

describe("places of findings", () => {
  it("count as the browser does behind characters beyond the first plane", () => {
    const source = '"🙂" & amout';
    const finding = { code: "X201", kind: "NAME", from: 6, to: 11, message: "", severity: "error" as const, fixes: [{ from: 6, to: 11, text: "amount" }] };
    const answer = { ok: false, type: null, findings: [finding], fields: [{ from: 6, to: 11, id: "f", label: "", kind: "" }], refs: {}, deps: [] };
    const [found] = placed(source, answer).findings;
    expect(source.slice(found!.from, found!.to)).toBe("amout");
    expect(found!.fixes[0]).toMatchObject({ from: 7, to: 12 });
    expect(placed(source, answer).fields[0]).toMatchObject({ from: 7, to: 12 });
    expect(placed("amout", answer)).toBe(answer);
  });
});

describe("matching", () => {
  it("finds by key, label, pinyin and initials, the surest first", () => {
    const names = ["customer_name", "客户名称"];
    const sounds = ["kehumingcheng", "khmc"];
    expect(matchOf("khmc", names, sounds)).toBeGreaterThan(matchOf("kh", names, sounds));
    expect(matchOf("name", names, sounds)).toBeGreaterThan(matchOf("ame", names, sounds));
    expect(matchOf("名称", names, sounds)).toBeGreaterThan(0);
    expect(matchOf("xyz", names, sounds)).toBe(0);
  });
});

// -- the point-and-click view -----------------------------------------------------------------------------------------

type Random = () => number;
function generator(seed: number): Random {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4294967296;
  };
}
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

function operand(random: Random, kind: string): Operand {
  if (kind === "person") return { me: true };
  if (random() < 0.2) return { field: pick(random, Object.keys(KINDS).filter((path) => KINDS[path]!.kind === kind && !KINDS[path]!.list)) };
  if (kind === "number") return { fixed: pick(random, ["0", "12.5", "-3", "15%", "100000"]), kind: "number" };
  if (kind === "date") return pick<Operand>(random, [{ today: 0 }, { today: 30 }, { today: -7 }, { fixed: "2024-09-05", kind: "date" }]);
  return { fixed: pick(random, ["华东", 'say "hi"', "a, b", "赢单"]), kind: "text" };
}

function row(random: Random): Filter {
  const path = pick(random, Object.keys(KINDS).filter((one) => operatorsOf(KINDS[one]!.kind, KINDS[one]!.list).length));
  const { kind, list } = KINDS[path]!;
  const operator = pick(random, operatorsOf(kind, list));
  if (UNARY.has(operator)) return [operator, path];
  if (operator === "in" || operator === "not_in") return [operator, path, ["赢单", 'x "y"'].slice(0, random() < 0.5 ? 1 : 2)];
  if (operator === "between") return [operator, path, [operand(random, kind) as Json, operand(random, kind) as Json]];
  if (list) return [operator, path, { fixed: "重要", kind: "text" }];
  return [operator, path, operand(random, kind) as Json];
}

function tree(random: Random, depth: number, outer = ""): Filter {
  if (depth === 0 || random() < 0.4) return row(random);
  const join = outer === "and" ? "or" : outer === "or" ? "and" : pick(random, ["and", "or"]);
  return [join, ...Array.from({ length: 2 + Math.floor(random() * 2) }, () => tree(random, depth - 1, join))];
}

describe("conditions as rows", () => {
  it("round trip: rows to text and back are the same rows", () => {
    for (let seed = 1; seed < 600; seed += 1) {
      const filter = tree(generator(seed), 2);
      const text = conditionText(filter);
      expect(conditionOf(text, known), text).toEqual(filter);
      expect(conditionText(conditionOf(text, known)!)).toBe(text);
    }
  });

  it("read other ways of writing the same", () => {
    const same = (source: string, text: string): void => expect(conditionText(conditionOf(source, known) ?? null)).toBe(text);
    same("amount>1 && hot", "amount > 1 AND hot");
    same("AND(amount > 1, OR(hot, ISBLANK(name)))", "amount > 1 AND (hot OR ISBLANK(name))");
    same("amount > 1 AND hot OR due < TODAY()", "(amount > 1 AND hot) OR due < TODAY()");
    same("（stage ＝ “赢单”）", 'stage = "赢单"');
    same('NOT("重要" IN tags)', 'NOT("重要" IN tags)');
    same("NOT(ISBLANK({客户 名称}))", "NOT(ISBLANK({客户 名称}))");
    expect(conditionOf("  ", known)).toBeNull();
  });

  it("say so when the text is beyond rows", () => {
    const beyond = [
      "amount * 2 > 10",
      "LEN(name) > 3",
      "amount > 1 // why",
      "nothing > 1",
      "NOT(amount > 1)",
      "hot = TRUE",
      "(hot) = TRUE",
      "amount > 1 AND",
      "amount",
      "items.price > 1",
      'stage IN ["a", name]',
      "name > \"a\"",
      "due > TODAY() + 1.5",
      "due > DATE(2024, amount, 1)",
      'amount > 1) OR ("a"',
      '"unclosed IN tags',
    ];
    for (const source of beyond) expect(conditionOf(source, known), source).toBeUndefined();
  });
});

describe("values as a choice", () => {
  it("round trip: value to text and back is the same value", () => {
    const values: PointValue[] = [
      { shape: "one", operand: { field: "account.region" } },
      { shape: "one", operand: { fixed: "-12.5", kind: "number" } },
      { shape: "one", operand: { fixed: 'a "b"', kind: "text" } },
      { shape: "one", operand: { fixed: "2024-12-31", kind: "date" } },
      { shape: "one", operand: { today: -30 } },
      { shape: "total", total: "SUM", path: "items.price" },
      { shape: "total", total: "SUM", path: "items.price", times: "items.qty" },
      { shape: "total", total: "COUNT", path: "items" },
      { shape: "both", left: { field: "amount" }, sign: "*", right: { field: "rate" } },
      { shape: "both", left: { field: "amount" }, sign: "-", right: { fixed: "-5", kind: "number" } },
    ];
    for (const value of values) expect(valueOf(valueText(value), known), valueText(value)).toEqual(value);
    expect(valueOf("", known)).toBeNull();
  });

  it("say so when the text is beyond it", () => {
    for (const source of ["IF(hot, 1, 2)", "amount * rate * 2", "SUM(amount)", "TODAY() + 1 + 2", "amount + TODAY()", "SUM(items.price, 1)", "amount /* x */"])
      expect(valueOf(source, known), source).toBeUndefined();
  });
});
