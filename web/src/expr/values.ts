/**
 * Values while evaluating, and their JSON forms. Blank is null. A number is a scaled bigint, a date the number of its
 * day (1 is 0001-01-01), an instant and a duration are microseconds, an option and a linked record their id.
 */
import { keep12, parse as parseDecimal, plain } from "./decimal.ts";
import { Unsupported } from "./faults.ts";
import { formatDate, formatInstant, parseDate, parseInstant } from "./moments.ts";
import { type Type, itemOf, kindOf } from "./tree.ts";

export interface Row {
  readonly [field: string]: unknown;
}

export type Value = null | string | boolean | number | bigint | Row | readonly Value[];

function unreadable(kind: string, raw: unknown): never {
  throw new Unsupported(`${JSON.stringify(String(raw))} is no ${kind}`);
}

function readNumber(raw: unknown): Value {
  if (typeof raw === "bigint" || raw === null || raw === undefined) return raw ?? null;
  return parseDecimal(String(raw)) ?? unreadable("number", raw);
}

function readText(raw: unknown): Value {
  return (raw as string | null | undefined) || null;
}

function readDate(raw: unknown): Value {
  if (typeof raw === "number" || raw === null || raw === undefined) return raw ?? null;
  return parseDate(String(raw)) ?? unreadable("date", raw);
}

function readInstant(raw: unknown): Value {
  if (typeof raw === "bigint" || raw === null || raw === undefined) return raw ?? null;
  return parseInstant(String(raw)) ?? unreadable("datetime", raw);
}

/** Fields send a duration as a number of seconds and a time of the day as `09:30`; texts of digits are microseconds. */
function readDuration(raw: unknown): Value {
  if (typeof raw === "bigint" || raw === null || raw === undefined) return raw ?? null;
  if (typeof raw === "number" && Number.isInteger(raw)) return BigInt(raw) * 1_000_000n;
  const clock = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(String(raw));
  if (clock) return BigInt(Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * 1_000_000n;
  return /^-?\d+$/.test(String(raw)) ? BigInt(String(raw)) : unreadable("duration", raw);
}

/** The id of a linked record, loaded or not. */
export function recordId(raw: unknown): string | null {
  if (raw === null || raw === undefined || typeof raw === "string") return raw || null;
  return (raw as Row).sys_id as string;
}

const asIs = (raw: unknown): Value => (raw ?? null) as Value;

const READERS: Partial<Record<string, (raw: unknown) => Value>> = {
  number: readNumber,
  text: readText,
  choice: readText,
  date: readDate,
  datetime: readInstant,
  duration: readDuration,
  record: recordId,
};

/** The function that reads a field of a type: from its JSON form, or as it is when it has been read before. */
export function reader(type: Type): (raw: unknown) => Value {
  const kind = kindOf(type);
  if (kind !== "list") return READERS[kind] ?? asIs;
  const item = itemOf(type);
  if (kindOf(item) === "record") return (raw) => (raw ?? []) as Value;
  const read = reader(item);
  return (raw) => (raw ? (raw as readonly unknown[]).map(read) : []);
}

/** The JSON form of a result of a type. */
export function write(value: Value, type: Type): unknown {
  if (value === null) return null;
  switch (kindOf(type)) {
    case "number":
      return plain(keep12(value as bigint));
    case "date":
      return formatDate(value as number);
    case "datetime":
      return formatInstant(value as bigint);
    case "duration":
      return String(value);
    case "list":
      return (value as readonly Value[]).map((item) => write(item, itemOf(type)));
    case "record":
      return recordId(value);
    default:
      if (typeof value === "bigint") throw new Unsupported("a value of unknown type");
      return value;
  }
}

/** Whether two values of one type are equal; blank equals blank. */
export function same(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => same(item, right[at]));
  }
  return false;
}
