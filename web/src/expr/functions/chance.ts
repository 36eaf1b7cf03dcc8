/** What is new each time (only for default values), and distances. */
import { type Decimal, ONE, abs, parse, round, toBinary } from "../decimal.ts";
import { Fault } from "../faults.ts";
import type { Table } from "../table.ts";

const EARTH = 6_371_008.8;
const RADIANS = Math.PI / 180;
const POLE = 90n * ONE;
const FAR_SIDE = 180n * ONE;
const LAST_PLACE = 10n ** 8n;

const bytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

/** A random identifier (version 4); `crypto.randomUUID` is not there on pages without TLS. */
function identifier(): string {
  const made = bytes(16);
  made[6] = (made[6]! & 0x0f) | 0x40;
  made[8] = (made[8]! & 0x3f) | 0x80;
  const text = [...made].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A number from 0 up to 1 with 12 decimals. */
function random(): Decimal {
  const drawn = bytes(10).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return (drawn % 10n ** 12n) * LAST_PLACE;
}

/** Metres along the surface of the earth, to centimetres. Raises NUM for what is no place. */
function distance(north: Decimal, east: Decimal, toNorth: Decimal, toEast: Decimal): Decimal {
  if (abs(north) > POLE || abs(toNorth) > POLE || abs(east) > FAR_SIDE || abs(toEast) > FAR_SIDE) throw Fault.NUM;
  const [first, second] = [toBinary(north) * RADIANS, toBinary(toNorth) * RADIANS];
  const up = Math.sin((second - first) / 2) ** 2;
  const over = Math.sin(((toBinary(toEast) - toBinary(east)) * RADIANS) / 2) ** 2;
  const part = Math.min(1, up + Math.cos(first) * Math.cos(second) * over);
  return round(parse(String(2 * EARTH * Math.asin(Math.sqrt(part))))!, 2, "half");
}

export const CHANCE: Table = {
  UUID: { run: identifier },
  RAND: { run: random },
  DISTANCE: { run: distance },
};
