/**
 * Words of the formula language, for colours, completion and the point-and-click view. Full-width punctuation reads as
 * plain, one character for one, so every place in the text stays true. What a formula means is the server's business.
 */

export type TokenKind = "space" | "comment" | "number" | "string" | "name" | "braced" | "call" | "keyword" | "operator" | "open" | "close" | "comma" | "dot" | "bad";

export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
  /** As it is meant: plain punctuation, keywords in capitals, a text without its quotes. */
  text: string;
  /** A text or a comment that never ends. */
  open?: boolean;
}

const WIDE = "（），；：＝＞＜＋－＊／＆％｛｝［］．！＾｜　×÷−";
const PLAIN = "(),;:=><+-*/&%{}[].!^| */-";
const plainOf = new Map([...WIDE].map((wide, at) => [wide, PLAIN[at]!]));
const KEYWORDS = new Set(["AND", "OR", "NOT", "IN", "TRUE", "FALSE", "NULL"]);
const DOUBLE = "\"“”＂";
const SINGLE = "'‘’＇";
const OPERATORS = ["<>", "<=", ">=", "==", "!=", "->", "&&", "||", "→", "≤", "≥", "≠", "=", "<", ">", "+", "-", "*", "/", "^", "&", "%", "!", "|"];

export const plain = (character: string): string => plainOf.get(character) ?? character;

const isName = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character);
const isDigit = (character: string | undefined): boolean => character !== undefined && character >= "0" && character <= "9";

function endOfText(source: string, start: number): { to: number; text: string; open: boolean } {
  const family = DOUBLE.includes(source[start]!) ? DOUBLE : SINGLE;
  const straight = source[start] === family[0];
  let text = "";
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at]!;
    if (straight ? character === family[0] : family.includes(character)) {
      if (straight && source[at + 1] === family[0]) {
        text += family[0];
        at += 1;
        continue;
      }
      return { to: at + 1, text, open: false };
    }
    text += character;
  }
  return { to: source.length, text, open: true };
}

/** The token that starts at a place. */
export function tokenAt(source: string, from: number): Token {
  const character = source[from]!;
  const here = plain(character);
  if (/\s/.test(here)) {
    let to = from + 1;
    while (to < source.length && /\s/.test(plain(source[to]!))) to += 1;
    return { kind: "space", from, to, text: " " };
  }
  const next = source[from + 1] === undefined ? "" : plain(source[from + 1]!);
  if (here === "/" && next === "/") {
    const end = source.indexOf("\n", from);
    return { kind: "comment", from, to: end < 0 ? source.length : end, text: "" };
  }
  if (here === "/" && next === "*") {
    const end = source.slice(from + 2).search(/[*＊][/／]/);
    return { kind: "comment", from, to: end < 0 ? source.length : from + end + 4, text: "", open: end < 0 };
  }
  if (DOUBLE.includes(character) || SINGLE.includes(character)) return { kind: "string", from, ...endOfText(source, from) };
  if (here === "{") {
    const end = source.slice(from).search(/[}｝]/);
    if (end > 1) return { kind: "braced", from, to: from + end + 1, text: source.slice(from + 1, from + end) };
    return { kind: "bad", from, to: from + 1, text: here };
  }
  if (isDigit(character) || (here === "." && isDigit(source[from + 1]) && !isName(source[from - 1]))) {
    const found = /^(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(source.slice(from))!;
    return { kind: "number", from, to: from + found[0].length, text: found[0] };
  }
  if (isName(character)) return nameAt(source, from);
  if ("([".includes(here)) return { kind: "open", from, to: from + 1, text: here };
  if (")]".includes(here)) return { kind: "close", from, to: from + 1, text: here };
  if (here === ",") return { kind: "comma", from, to: from + 1, text: here };
  if (here === ".") return { kind: "dot", from, to: from + 1, text: here };
  const operator = OPERATORS.find((one) => one === (one.length === 2 ? here + next : here));
  if (operator) return { kind: "operator", from, to: from + operator.length, text: operator };
  return { kind: "bad", from, to: from + 1, text: here };
}

function nameAt(source: string, from: number): Token {
  let to = from + 1;
  while (isName(source[to])) to += 1;
  const text = source.slice(from, to);
  let after = to;
  while (after < source.length && /\s/.test(plain(source[after]!))) after += 1;
  const upper = text.toUpperCase();
  const called = plain(source[after] ?? "") === "(";
  if (KEYWORDS.has(upper)) return { kind: "keyword", from, to, text: upper };
  return called ? { kind: "call", from, to, text: upper } : { kind: "name", from, to, text };
}

/** Every token, spaces and comments included. */
export function tokenise(source: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const token = tokenAt(source, at);
    found.push(token);
    at = token.to;
  }
  return found;
}

/** Tokens that mean something. */
export const words = (source: string): Token[] => tokenise(source).filter((token) => token.kind !== "space" && token.kind !== "comment");

/** The call a place is inside of, and which argument: `IF(a, |b)` is argument 1 of IF. */
export interface CallPlace {
  name: string;
  argument: number;
  from: number;
}

export function callAround(source: string, at: number): CallPlace | null {
  const open: { name: string; argument: number; from: number }[] = [];
  let before: Token | undefined;
  for (const token of words(source)) {
    if (token.from >= at) break;
    if (token.kind === "open") {
      const name = token.text === "(" && (before?.kind === "call" || before?.kind === "keyword") ? before.text : "";
      open.push({ name, argument: 0, from: name && before ? before.from : token.from });
    } else if (token.kind === "close") open.pop();
    else if (token.kind === "comma" && open.length) open[open.length - 1]!.argument += 1;
    before = token;
  }
  const inner = open.reverse().find((one) => one.name);
  return inner ?? null;
}

/** The dotted names that end right before a token: `owner.department` before `.name`. */
export function pathBefore(tokens: readonly Token[], end: number): string[] {
  const names: string[] = [];
  for (let at = end - 1; at >= 0; at -= 2) {
    const token = tokens[at]!;
    if (token.kind !== "name" && token.kind !== "braced") return [];
    names.unshift(token.text);
    if (tokens[at - 1]?.kind !== "dot") break;
  }
  return names;
}


/** A name as it must be written: in braces when it is more than letters, digits and underscores. */
export function written(name: string): string {
  const simple = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !KEYWORDS.has(name.toUpperCase());
  return simple ? name : `{${name.replace(/[{}]/g, "")}}`;
}

/** A text as a literal. */
export const quoted = (text: string): string => `"${text.replace(/"/g, '""')}"`;

/** Whether a character can be part of a name. */
export const isNameAt = (character: string): boolean => isName(character || undefined);
