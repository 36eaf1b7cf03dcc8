/** The part of the RE2 syntax that runs here. What is not certain to mean the same as on the server is declined. */
import { Unsupported } from "./faults.ts";

/** Ranges of code points, `[from, to, from, to, ...]`. */
export type Ranges = readonly number[];

export type Assertion = "start" | "end" | "lineStart" | "lineEnd" | "word";

export type Node =
  | { kind: "empty" }
  | { kind: "set"; set: Ranges }
  | { kind: "assert"; what: Assertion }
  | { kind: "all"; parts: Node[] }
  | { kind: "any"; parts: Node[] }
  | { kind: "group"; index: number; body: Node }
  | { kind: "repeat"; body: Node; least: number; most: number; lazy: boolean };

interface Flags {
  fold: boolean;
  dotAll: boolean;
  lines: boolean;
  lazy: boolean;
}

const TOP = 0x10ffff;
const DIGIT: Ranges = [48, 57];
const SPACE: Ranges = [9, 10, 12, 13, 32, 32];
const WORD: Ranges = [48, 57, 65, 90, 95, 95, 97, 122];
const CLASSES: Record<string, Ranges> = {
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit: DIGIT,
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space: [9, 13, 32, 32],
  upper: [65, 90],
  word: WORD,
  xdigit: [48, 57, 65, 70, 97, 102],
};
const PERL: Record<string, Ranges> = { d: DIGIT, s: SPACE, w: WORD };
const CONTROL: Record<string, number> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

export function decline(what: string): never {
  throw new Unsupported(`pattern: ${what} is matched by the server`);
}

function normal(ranges: Ranges): Ranges {
  const pairs: [number, number][] = [];
  for (let at = 0; at < ranges.length; at += 2) pairs.push([ranges[at]!, ranges[at + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [from, to] of pairs) {
    const last = merged.length - 1;
    if (last > 0 && from <= merged[last]! + 1) merged[last] = Math.max(merged[last]!, to);
    else merged.push(from, to);
  }
  return merged;
}

function inverse(ranges: Ranges): Ranges {
  const made: number[] = [];
  let next = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    if (ranges[at]! > next) made.push(next, ranges[at]! - 1);
    next = ranges[at + 1]! + 1;
  }
  if (next <= TOP) made.push(next, TOP);
  return made;
}

/** Adds the other case of ASCII letters, and the two letters beyond that fold to them (the long s, the Kelvin sign). */
function folded(ranges: Ranges): Ranges {
  const made = [...ranges];
  for (let at = 0; at < ranges.length; at += 2) {
    const [from, to] = [ranges[at]!, ranges[at + 1]!];
    if (to > 0x7f && !(from >= 0x2e80 && to <= 0x9fff)) decline("any case beyond ASCII");
    for (let code = Math.max(from, 65); code <= Math.min(to, 122); code += 1) {
      if (code > 90 && code < 97) continue;
      made.push(code ^ 32, code ^ 32);
      if ((code | 32) === 107) made.push(0x212a, 0x212a);
      if ((code | 32) === 115) made.push(0x17f, 0x17f);
    }
  }
  return made;
}

/** Whether a part may match without a character. */
function nullable(node: Node): boolean {
  if (node.kind === "set") return false;
  if (node.kind === "all") return node.parts.every(nullable);
  if (node.kind === "any") return node.parts.some(nullable);
  if (node.kind === "repeat") return node.least === 0 || nullable(node.body);
  return node.kind === "group" ? nullable(node.body) : true;
}

class Parser {
  readonly #source: readonly string[];
  #at = 0;
  #flags: Flags = { fold: false, dotAll: false, lines: false, lazy: false };
  groups = 0;

  constructor(source: string) {
    this.#source = [...source];
  }

  whole(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#source.length) decline("an unbalanced bracket");
    return node;
  }

  #peek(ahead = 0): string {
    return this.#source[this.#at + ahead] ?? "";
  }

  #next(): string {
    const found = this.#peek();
    if (!found) decline("an unfinished pattern");
    this.#at += 1;
    return found;
  }

  #take(text: string): boolean {
    if (![...text].every((character, at) => this.#peek(at) === character)) return false;
    this.#at += text.length;
    return true;
  }

  #alternatives(): Node {
    const saved = { ...this.#flags };
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    this.#flags = saved;
    return parts.length > 1 ? { kind: "any", parts } : parts[0]!;
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#peek() && this.#peek() !== "|" && this.#peek() !== ")") parts.push(this.#repeated());
    return parts.length === 1 ? parts[0]! : parts.length ? { kind: "all", parts } : { kind: "empty" };
  }

  #repeated(): Node {
    const body = this.#atom();
    const bounds = this.#bounds();
    if (!bounds) return body;
    const lazy = this.#take("?") !== this.#flags.lazy;
    if (/^[*+?{]$/.test(this.#peek())) decline("a repetition of a repetition");
    if (bounds[1] > 1 && nullable(body)) decline("a repetition of what may be nothing");
    return { kind: "repeat", body, least: bounds[0], most: bounds[1], lazy };
  }

  #bounds(): [number, number] | null {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    if (this.#peek() !== "{") return null;
    const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12).join(""));
    if (!found) return null;
    this.#at += found[0].length;
    const least = Number(found[1]);
    return [least, found[2] === undefined ? least : found[3] ? Number(found[3]) : Infinity];
  }

  #atom(): Node {
    const found = this.#next();
    if (found === "(") return this.#group();
    if (found === "[") return this.#set(this.#class());
    if (found === "\\") return this.#escape();
    if (found === ".") return { kind: "set", set: this.#flags.dotAll ? [0, TOP] : inverse([10, 10]) };
    if (found === "^") return { kind: "assert", what: this.#flags.lines ? "lineStart" : "start" };
    if (found === "$") return { kind: "assert", what: this.#flags.lines ? "lineEnd" : "end" };
    if (found === "*" || found === "+" || found === "?") decline("a repetition of nothing");
    const code = found.codePointAt(0)!;
    return this.#set([code, code]);
  }

  #set(ranges: Ranges): Node {
    return { kind: "set", set: normal(this.#flags.fold ? folded(ranges) : ranges) };
  }

  #group(): Node {
    if (!this.#take("?")) return this.#captured();
    if (this.#take("P<") || this.#take("<")) {
      while (this.#next() !== ">");
      return this.#captured();
    }
    const flags = { ...this.#flags };
    let on = true;
    for (let letter = this.#next(); letter !== ")" && letter !== ":"; letter = this.#next()) {
      if (letter === "-") on = false;
      else if (letter === "i") flags.fold = on;
      else if (letter === "s") flags.dotAll = on;
      else if (letter === "m") flags.lines = on;
      else if (letter === "U") flags.lazy = on;
      else decline("this kind of group");
    }
    if (this.#peek(-1) === ")") {
      if (/^[*+?{]$/.test(this.#peek())) decline("a repetition of nothing");
      this.#flags = flags;
      return { kind: "empty" };
    }
    const outside = this.#flags;
    this.#flags = flags;
    const body = this.#closed();
    this.#flags = outside;
    return body;
  }

  #captured(): Node {
    this.groups += 1;
    return { kind: "group", index: this.groups, body: this.#closed() };
  }

  #closed(): Node {
    const body = this.#alternatives();
    if (!this.#take(")")) decline("an unbalanced bracket");
    return body;
  }

  #escape(): Node {
    const letter = this.#peek();
    const what = ({ A: "start", z: "end", b: "word" } as Record<string, Assertion>)[letter];
    if (what) {
      this.#at += 1;
      return { kind: "assert", what };
    }
    const perl = this.#perl();
    if (perl) return { kind: "set", set: normal(perl) };
    const code = this.#code();
    return this.#set([code, code]);
  }

  /** `\d`, `\W` and the like after the backslash, or null. */
  #perl(): Ranges | null {
    const letter = this.#peek();
    const found = PERL[letter.toLowerCase()];
    if (!found) return null;
    this.#at += 1;
    const ranges = normal(this.#flags.fold ? folded(found) : found);
    return letter === letter.toLowerCase() ? ranges : inverse(ranges);
  }

  /** The code point of an escape, after the backslash. */
  #code(): number {
    const letter = this.#next();
    const control = CONTROL[letter];
    if (control !== undefined) return control;
    if (letter === "x") {
      const digits = this.#take("{") ? this.#until("}") : this.#next() + this.#next();
      if (!/^[0-9a-f]{1,6}$/i.test(digits)) decline("this escape");
      return Number.parseInt(digits, 16);
    }
    if (letter.charCodeAt(0) < 0x80 && !/[0-9A-Za-z]/.test(letter)) return letter.charCodeAt(0);
    return decline(`\\${letter}`);
  }

  #until(end: string): string {
    let text = "";
    for (let letter = this.#next(); letter !== end; letter = this.#next()) text += letter;
    return text;
  }

  #class(): Ranges {
    const negated = this.#take("^");
    const ranges: number[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      if (this.#take("[:")) {
        const not = this.#take("^");
        const named = CLASSES[this.#until(":")];
        if (!named || !this.#take("]")) decline("this class");
        const set = normal(this.#flags.fold ? folded(named) : named);
        ranges.push(...(not ? inverse(set) : set));
        continue;
      }
      if (this.#peek() === "\\") {
        this.#at += 1;
        const perl = this.#perl();
        if (perl) {
          ranges.push(...perl);
          continue;
        }
        this.#at -= 1;
      }
      const from = this.#member();
      const range = this.#peek() === "-" && this.#peek(1) !== "]";
      if (range) this.#at += 1;
      const to = range ? this.#member() : from;
      if (to < from) decline("this range");
      ranges.push(...(this.#flags.fold ? folded([from, to]) : [from, to]));
    }
    this.#at += 1;
    return negated ? inverse(normal(ranges)) : ranges;
  }

  #member(): number {
    return this.#take("\\") ? this.#code() : this.#next().codePointAt(0)!;
  }
}

/** Reads a pattern: its parts, and how many groups it has. Raises `Unsupported` for what the server has to match. */
export function parsePattern(source: string): { readonly node: Node; readonly groups: number } {
  const parser = new Parser(source);
  const node = parser.whole();
  return { node, groups: parser.groups };
}
