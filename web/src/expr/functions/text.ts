/** Functions over text. Blank text reads as empty text, and empty text is blank. */
import { type Decimal, KEPT, ONE, divideHalf, integer, places, round, whole, within } from "../decimal.ts";
import { Fault } from "../faults.ts";
import { formatNumber } from "../pictures.ts";
import type { Entry, Run, Table } from "../table.ts";
import {
  bounded, characters, count, find, lengthOf, lower, padded, position, proper, repeat, slice, substitute,
  trimEnds, upper,
} from "../text.ts";
import type { Value } from "../values.ts";

const NUMBER = /^[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:[.][0-9]*)?(?:[eE][+-]?[0-9]{1,3})?%?$/;
const STARTS_AS_NUMBER = /^[+-]?[.]?[0-9]/;
const FARTHEST_EXPONENT = 30;
const MOST_PIECES = 10_000;
const HIGHEST_CODE = 0x10ffff;

const of = (run: Run): Entry => ({ run, blank: "text" });

function left(text: string, number: Decimal = ONE): string {
  return slice(text, 0, count(number));
}

function right(text: string, number: Decimal = ONE): string {
  const taken = count(number);
  return slice(text, Math.max(0, lengthOf(text) - taken));
}

function mid(text: string, start: Decimal, number: Decimal): string {
  const at = position(start);
  return slice(text, at, at + count(number));
}

function replace(text: string, start: Decimal, number: Decimal, by: string): string {
  const at = position(start);
  const taken = count(number);
  return bounded(slice(text, 0, at) + by + slice(text, at + taken));
}

/** Drops spaces at the ends and all but one between words. */
function trim(text: string): string {
  return text.split(" ").filter((word) => word).join(" ");
}

/** The text before or after a part. Raises NA when it is not there. */
function beside(text: string, part: string, after: boolean): string {
  if (!part) return after ? text : "";
  const at = text.indexOf(part);
  if (at < 0) throw Fault.NA;
  return after ? text.slice(at + part.length) : text.slice(0, at);
}

/** The pieces between delimiters; none for blank. Raises VALUE for a blank delimiter, LIMIT. */
function split(text: string, delimiter: string): Value {
  if (!delimiter) throw Fault.VALUE;
  const pieces = text ? text.split(delimiter) : [];
  if (pieces.length > MOST_PIECES) throw Fault.LIMIT;
  return pieces.map((piece) => piece || null);
}

/** The piece at a position, from 1; blank when there are fewer. Raises VALUE. */
function piece(text: string, delimiter: string, at: Decimal): string {
  if (!delimiter || integer(at) < 1) throw Fault.VALUE;
  return text.split(delimiter)[integer(at) - 1] ?? "";
}

/** Reads a number: sign, thousands separators, exponent, percent. Raises VALUE or NUM; blank for blank text. */
function value(text: string): Decimal | null {
  const cleaned = trimEnds(text);
  if (!cleaned) return null;
  if (!NUMBER.test(cleaned) || !STARTS_AS_NUMBER.test(cleaned)) throw Fault.VALUE;
  const percent = cleaned.endsWith("%") ? 2 : 0;
  const [mantissa = "", exponent = "0"] = cleaned.replace(/[,%]/g, "").split(/[eE]/);
  const [digits = "", decimals = ""] = mantissa.replace(/^[+-]/, "").split(".");
  const number = BigInt(digits + decimals);
  const scale = decimals.length + percent - Number(exponent);
  if (number.toString().length - 1 - (scale - percent) > FARTHEST_EXPONENT) throw Fault.NUM;
  const shift = KEPT - scale;
  const kept = shift >= 0 ? number && number * 10n ** BigInt(shift) : divideHalf(number, 10n ** BigInt(-shift));
  const found = (kept * ONE) / 10n ** BigInt(KEPT);
  return within(cleaned.startsWith("-") ? -found : found);
}

function character(number: Decimal): string {
  const code = integer(number);
  if (code < 1 || code > HIGHEST_CODE || (code >= 0xd800 && code < 0xe000)) throw Fault.VALUE;
  return String.fromCodePoint(code);
}

function fixed(number: Decimal, digits: Decimal = 2n * ONE, plain = false): string {
  const decimals = Math.max(0, places(digits));
  const picture = `${plain ? "0" : "#,##0"}${decimals ? `.${"0".repeat(decimals)}` : ""}`;
  return formatNumber(round(number, places(digits), "half"), picture);
}

export const TEXT: Table = {
  LEN: of((text: string) => whole(lengthOf(text))),
  LEFT: of(left),
  RIGHT: of(right),
  MID: of(mid),
  UPPER: of(upper),
  LOWER: of(lower),
  PROPER: of(proper),
  TRIM: of(trim),
  TRIMENDS: of(trimEnds),
  CLEAN: of((text: string) => text.replace(/[\x01-\x1f]/g, "")),
  CONTAINS: of((text: string, part: string) => text.includes(part)),
  STARTSWITH: of((text: string, part: string) => text.startsWith(part)),
  ENDSWITH: of((text: string, part: string) => text.endsWith(part)),
  FIND: of(find),
  SEARCH: of((part: string, text: string, start?: Decimal) => find(lower(part), lower(text), start)),
  SUBSTITUTE: of(substitute),
  REPLACE: of(replace),
  TEXTBEFORE: of((text: string, part: string) => beside(text, part, false)),
  TEXTAFTER: of((text: string, part: string) => beside(text, part, true)),
  SPLIT: of(split),
  PIECE: of(piece),
  REPT: of(repeat),
  LPAD: of((text: string, length: Decimal, filler = " ") => padded(text, length, filler, true)),
  RPAD: of((text: string, length: Decimal, filler = " ") => padded(text, length, filler, false)),
  REVERSE: of((text: string) => [...characters(text)].reverse().join("")),
  EXACT: of((text: string, other: string) => text === other),
  SAMETEXT: of((text: string, other: string) => lower(text) === lower(other)),
  VALUE: of(value),
  CHAR: of(character),
  CODE: of((text: string) => (text ? whole(text.codePointAt(0)!) : null)),
  FIXED: of(fixed),
};
