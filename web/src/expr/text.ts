/** Text by code points: lengths, positions and order are those of Unicode characters, not of UTF-16 units. */
import { type Decimal, integer, whole } from "./decimal.ts";
import { Fault } from "./faults.ts";

/** The longest text an expression may make. */
const LONGEST = 64_000;
/** The longest text that repeating and padding may make. */
const LONGEST_REPEAT = 32_767;

const PAIRS = /[\ud800-\udfff]/;

/** A text by its characters; most texts have no pairs of units, and then nothing is copied. */
export const characters = (text: string): string | readonly string[] => (PAIRS.test(text) ? [...text] : text);

export const lengthOf = (text: string): number => characters(text).length;

export function slice(text: string, from: number, to?: number): string {
  const parts = characters(text);
  return typeof parts === "string" ? parts.slice(from, to) : parts.slice(from, to).join("");
}

/** Less than zero, zero or more, by code point. */
export function compare(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    // Units of a pair stand for characters after all others, but are smaller than the last units that stand alone.
    if (a !== b) return a >= 0xd800 && b >= 0xd800 ? rank(a) - rank(b) : a - b;
  }
  return left.length - right.length;
}

const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x2000 : unit + 0x2000);

/** The text. Raises LIMIT when it is longer than a text may be. */
export function bounded(text: string): string {
  if (text.length > LONGEST && lengthOf(text) > LONGEST) throw Fault.LIMIT;
  return text;
}

/** How many characters a number means. Raises VALUE for a negative one. */
export function count(number: Decimal): number {
  if (number < 0n) throw Fault.VALUE;
  return integer(number);
}

/** The index for a position from 1. Raises VALUE for one before the text. */
export function position(number: Decimal): number {
  const at = integer(number);
  if (at < 1) throw Fault.VALUE;
  return at - 1;
}

/** The position of a part, from 1. Raises VALUE when it is not there. */
export function find(part: string, text: string, start?: Decimal): Decimal {
  const from = start === undefined ? 0 : position(start);
  const parts = characters(text);
  if (from > parts.length) throw Fault.VALUE;
  const unit = typeof parts === "string" ? from : parts.slice(0, from).join("").length;
  const at = text.indexOf(part, unit);
  if (at < 0) throw Fault.VALUE;
  return whole((typeof parts === "string" ? at : lengthOf(text.slice(0, at))) + 1);
}

/** Replaces every occurrence, or only the one counted. Raises VALUE for a count below 1, LIMIT for too long a result. */
export function substitute(text: string, old: string, by: string, occurrence?: Decimal): string {
  if (occurrence !== undefined && integer(occurrence) < 1) throw Fault.VALUE;
  if (!old) return text;
  if (occurrence === undefined) {
    const parts = text.split(old);
    if (lengthOf(text) + (parts.length - 1) * (lengthOf(by) - lengthOf(old)) > LONGEST) throw Fault.LIMIT;
    return parts.join(by);
  }
  let at = -old.length;
  for (let left = Math.min(integer(occurrence), text.length + 1); left > 0; left -= 1) {
    at = text.indexOf(old, at + old.length);
    if (at < 0) return text;
  }
  return bounded(text.slice(0, at) + by + text.slice(at + old.length));
}

/** Repeats a text. Raises VALUE for a negative count, LIMIT for too long a result. */
export function repeat(text: string, number: Decimal): string {
  const times = count(number);
  if (lengthOf(text) * times > LONGEST_REPEAT) throw Fault.LIMIT;
  return text.repeat(text ? times : 0);
}

/** Fills up to a length, on the left or on the right. */
export function padded(text: string, number: Decimal, filler: string, left: boolean): string {
  const missing = Math.min(count(number), LONGEST_REPEAT) - lengthOf(text);
  if (missing <= 0 || !filler) return text;
  const padding = slice(filler.repeat(Math.floor(missing / lengthOf(filler)) + 1), 0, missing);
  return left ? padding + text : text + padding;
}

// -- case -------------------------------------------------------------------------------------------------------------

export const upper = (text: string): string => text.toUpperCase();
export const lower = (text: string): string => text.toLowerCase();

const WORD = /[\p{L}\p{Nl}\p{No}]+/gu;

/** The first letter of every word in upper case, the others in lower case. */
export function proper(text: string): string {
  return text.replace(WORD, (word) => upper(slice(word, 0, 1)) + lower(slice(word, 1)));
}

// -- ends -------------------------------------------------------------------------------------------------------------

/** What counts as white space: the set of the server, which differs from `trim` in a few characters. */
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function without(text: string, drop: (character: string) => boolean): string {
  let from = 0;
  let to = text.length;
  while (from < to && drop(text[from]!)) from += 1;
  while (to > from && drop(text[to - 1]!)) to -= 1;
  return text.slice(from, to);
}

/** Drops spaces at the ends. */
export const trimEnds = (text: string): string => without(text, (character) => character === " ");

/** Drops all white space. */
export const withoutSpace = (text: string): string => [...text].filter((character) => !SPACE.test(character)).join("");

/** Drops all white space at the ends. */
export const strip = (text: string): string => without(text, (character) => SPACE.test(character));
