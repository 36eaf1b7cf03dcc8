/**
 * The point-and-click view of conditions: a source text as rows of field, comparison and value in groups, and back.
 * What goes beyond rows is no view at all (null), never a half-understood one: reading back gives the same meaning.
 */

import type { Filter, Json } from "../filterTree";
import { quoted, tokenise, words, written, type Token } from "./tokens";

/** Right side of a row: written out, today with days added, another field, or the person asking. */
export type Operand =
  | { fixed: string; kind: "number" | "text" | "date" }
  | { today: number }
  | { field: string }
  | { me: true };

/** Kind of the field a dotted path leads to; undefined for no field. */
export type Known = (path: string) => { kind: string; list: boolean } | undefined;

const COMPARE = new Set(["=", "<>", "<", "<=", ">", ">="]);
const CALLS: Record<string, string> = { CONTAINS: "contains", STARTSWITH: "starts_with", ENDSWITH: "ends_with" };
const WRITTEN = Object.fromEntries(Object.entries(CALLS).map(([name, operator]) => [operator, name]));
const PAIRS: Record<string, string> = { contains: "not_contains", blank: "not_blank", is_true: "is_false", has: "has_not", in: "not_in" };

/** Comparisons a kind of field offers, the usual one first. */
export function operatorsOf(kind: string, list: boolean): string[] {
  if (list) return kind === "choice" ? ["has", "has_not"] : [];
  switch (kind) {
    case "text":
      return ["=", "<>", "contains", "not_contains", "starts_with", "ends_with", "blank", "not_blank"];
    case "number":
    case "date":
    case "datetime":
      return ["=", "<>", ">", ">=", "<", "<=", "between", "blank", "not_blank"];
    case "choice":
      return ["=", "<>", "in", "not_in", "blank", "not_blank"];
    case "boolean":
      return ["is_true", "is_false"];
    case "person":
      return ["=", "<>", "blank", "not_blank"];
    case "record":
    case "department":
      return ["blank", "not_blank"];
    default:
      return [];
  }
}

export const UNARY: ReadonlySet<string> = new Set(["blank", "not_blank", "is_true", "is_false"]);

// -- reading ----------------------------------------------------------------------------------------------------------

class TooRich extends Error {}

/** Reads tokens from the left; anything it does not know ends the reading. */
export class Reader {
  private at = 0;
  private readonly tokens: readonly Token[];

  constructor(
    source: string,
    private readonly known: Known,
  ) {
    this.tokens = words(source);
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }
  peek(offset = 0): Token | undefined {
    return this.tokens[this.at + offset];
  }
  take(kind: Token["kind"], text?: string): Token {
    const token = this.accept(kind, text);
    if (!token) this.refuse();
    return token;
  }
  accept(kind: Token["kind"], text?: string): Token | undefined {
    const token = this.peek();
    if (token?.kind !== kind || token.open || (text !== undefined && token.text !== text)) return undefined;
    this.at += 1;
    return token;
  }
  refuse(): never {
    throw new TooRich();
  }

  /** A path of known fields. */
  path(): string {
    const names: string[] = [];
    do {
      const token = this.accept("name") ?? this.take("braced");
      names.push(token.text);
    } while (this.accept("dot"));
    const path = names.join(".");
    if (!this.known(path)) throw new TooRich();
    return path;
  }

  operand(): Operand {
    const token = this.peek();
    const minus = token?.kind === "operator" && token.text === "-" && this.peek(1)?.kind === "number" ? this.accept("operator") : undefined;
    const number = this.accept("number");
    if (number) {
      const percent = this.accept("operator", "%") ? "%" : "";
      return { fixed: (minus ? "-" : "") + number.text + percent, kind: "number" };
    }
    const text = this.accept("string");
    if (text) return { fixed: text.text, kind: "text" };
    if (this.accept("call", "TODAY")) {
      this.take("open", "(");
      this.take("close", ")");
      const sign = this.accept("operator", "+") ?? this.accept("operator", "-");
      if (!sign) return { today: 0 };
      const days = Number(this.take("number").text);
      if (!Number.isInteger(days)) throw new TooRich();
      return { today: sign.text === "+" ? days : -days };
    }
    if (this.accept("call", "DATE")) return { fixed: this.date(), kind: "date" };
    if (token?.kind === "name" && token.text === "USER" && this.peek(1)?.kind !== "dot") {
      this.take("name");
      return { me: true };
    }
    return { field: this.path() };
  }

  private date(): string {
    this.take("open", "(");
    const parts = [this.take("number").text];
    for (let n = 0; n < 2; n += 1) {
      this.take("comma");
      parts.push(this.take("number").text.padStart(2, "0"));
    }
    this.take("close", ")");
    const text = `${parts[0]!.padStart(4, "0")}-${parts[1]}-${parts[2]}`;
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new TooRich();
    return text;
  }

  condition(): Filter {
    const parts = [this.all()];
    while (this.accept("keyword", "OR") ?? this.accept("operator", "||")) parts.push(this.all());
    return parts.length === 1 ? parts[0]! : ["or", ...parts];
  }

  private all(): Filter {
    const parts = [this.one()];
    while (this.accept("keyword", "AND") ?? this.accept("operator", "&&")) parts.push(this.one());
    return parts.length === 1 ? parts[0]! : ["and", ...parts];
  }

  private one(): Filter {
    const token = this.peek();
    const next = this.peek(1);
    if (token?.kind === "open" && token.text === "(") return this.inBrackets(() => this.condition());
    if (token?.kind === "keyword" && (token.text === "AND" || token.text === "OR") && next?.text === "(") {
      this.take("keyword");
      const parts = this.arguments(() => this.condition());
      return parts.length === 1 ? parts[0]! : [token.text.toLowerCase(), ...parts];
    }
    if (token?.kind === "keyword" && token.text === "NOT" && next?.text === "(") {
      this.take("keyword");
      const inner = this.inBrackets(() => this.condition());
      const operator = Array.isArray(inner) && typeof inner[0] === "string" ? PAIRS[inner[0]] : undefined;
      if (!operator || !Array.isArray(inner)) throw new TooRich();
      // `NOT (a) = b` reads as NOT((a) = b): a comparison right after the bracket is another thing than meant here
      if (this.peek()?.kind === "operator") throw new TooRich();
      return [operator, ...inner.slice(1)];
    }
    if (token?.kind === "call") return this.called(token.text);
    return this.compared();
  }

  private called(name: string): Filter {
    if (name === "ISBLANK") {
      this.take("call");
      return ["blank", this.inBrackets(() => this.path())];
    }
    const operator = CALLS[name];
    if (operator) {
      this.take("call");
      this.take("open", "(");
      const path = this.path();
      this.take("comma");
      const value = this.operand();
      this.take("close", ")");
      return [operator, path, value as Json];
    }
    if (name === "BETWEEN") {
      this.take("call");
      this.take("open", "(");
      const path = this.path();
      this.take("comma");
      const low = this.operand();
      this.take("comma");
      const high = this.operand();
      this.take("close", ")");
      return ["between", path, [low as Json, high as Json]];
    }
    throw new TooRich();
  }

  private compared(): Filter {
    const literal = this.accept("string");
    if (literal) {
      this.take("keyword", "IN");
      const path = this.path();
      if (!this.known(path)?.list) throw new TooRich();
      return ["has", path, { fixed: literal.text, kind: "text" }];
    }
    const path = this.path();
    const operator = this.peek();
    if (operator?.kind === "operator" && COMPARE.has(operator.text)) {
      this.take("operator");
      return [operator.text, path, this.operand() as Json];
    }
    const negated = this.accept("keyword", "NOT");
    if (this.accept("keyword", "IN")) {
      this.take("open", "[");
      const values: Json[] = [];
      do values.push(this.take("string").text);
      while (this.accept("comma"));
      this.take("close", "]");
      return [negated ? "not_in" : "in", path, values];
    }
    if (negated || this.known(path)?.kind !== "boolean") throw new TooRich();
    return ["is_true", path];
  }

  inBrackets<T>(read: () => T): T {
    this.take("open", "(");
    const found = read();
    this.take("close", ")");
    return found;
  }

  private arguments<T>(read: () => T): T[] {
    return this.inBrackets(() => {
      const found = [read()];
      while (this.accept("comma")) found.push(read());
      return found;
    });
  }
}

/** Read a text whole, or say with null that it is more than `read` understands. A comment would be lost, so it is. */
export function readWhole<T>(source: string, known: Known, read: (reader: Reader) => T): T | null {
  if (tokenise(source).some((token) => token.kind === "comment")) return null;
  const reader = new Reader(source, known);
  try {
    const found = read(reader);
    return reader.done ? found : null;
  } catch (problem) {
    if (problem instanceof TooRich) return null;
    throw problem;
  }
}

/** The rows of a condition; `undefined` when the text is beyond them, null for an empty text. */
export function conditionOf(source: string, known: Known): Filter | undefined {
  if (!source.trim()) return null;
  const found = readWhole(source, known, (reader) => reader.condition());
  return found !== null && offered(found, known) ? found : undefined;
}

/** Whether every row is one that the kind of its field offers. */
function offered(filter: Filter, known: Known): boolean {
  if (!Array.isArray(filter)) return false;
  const [head, first, ...rest] = filter;
  if (head === "and" || head === "or") return [first ?? null, ...rest].every((part) => offered(part, known));
  const field = known(String(first));
  return !!field && operatorsOf(field.kind, field.list).includes(String(head));
}

// -- writing ----------------------------------------------------------------------------------------------------------

export const pathText = (path: string): string => path.split(".").map(written).join(".");

export function operandText(operand: Operand): string {
  if ("me" in operand) return "USER";
  if ("field" in operand) return pathText(operand.field);
  if ("today" in operand) {
    if (!operand.today) return "TODAY()";
    return `TODAY() ${operand.today < 0 ? "-" : "+"} ${Math.abs(operand.today)}`;
  }
  if (operand.kind === "number") return operand.fixed;
  if (operand.kind === "text") return quoted(operand.fixed);
  const [year, month, day] = operand.fixed.split("-").map(Number);
  return `DATE(${year}, ${month}, ${day})`;
}

function rowText(operator: string, path: string, value: Json): string {
  const field = pathText(path);
  const operand = (one: Json): string => operandText(one as unknown as Operand);
  if (COMPARE.has(operator)) return `${field} ${operator} ${operand(value)}`;
  if (operator in WRITTEN) return `${WRITTEN[operator]}(${field}, ${operand(value)})`;
  switch (operator) {
    case "not_contains":
      return `NOT(CONTAINS(${field}, ${operand(value)}))`;
    case "blank":
      return `ISBLANK(${field})`;
    case "not_blank":
      return `NOT(ISBLANK(${field}))`;
    case "is_true":
      return field;
    case "is_false":
      return `NOT(${field})`;
    case "between":
      return `BETWEEN(${field}, ${(value as Json[]).map(operand).join(", ")})`;
    case "in":
    case "not_in":
      return `${field} ${operator === "in" ? "IN" : "NOT IN"} [${(value as string[]).map(quoted).join(", ")}]`;
    case "has":
      return `${operand(value)} IN ${field}`;
    case "has_not":
      return `NOT(${operand(value)} IN ${field})`;
    default:
      throw new Error(`no such comparison: ${operator}`);
  }
}

/** Rows as a source text; an empty text for no rows. */
export function conditionText(filter: Filter): string {
  if (!Array.isArray(filter)) return "";
  const [head, ...rest] = filter;
  if (head === "and" || head === "or") {
    const parts = rest.map((part) => {
      const nested = Array.isArray(part) && (part[0] === "and" || part[0] === "or");
      return nested ? `(${conditionText(part)})` : conditionText(part);
    });
    return parts.join(head === "and" ? " AND " : " OR ");
  }
  return rowText(String(head), String(rest[0]), rest[1] ?? null);
}
