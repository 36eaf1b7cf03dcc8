/**
 * Functions whose results do not end: exact, rounded to binary64, then to 15 significant digits. Browsers differ in
 * the last bit of their own functions, so exponentials and logarithms are computed with whole numbers to about 50
 * digits here.
 */
import { type Decimal, DIGITS, INTERMEDIATE, ONE, abs, parse, toBinary, within } from "./decimal.ts";
import { Fault } from "./faults.ts";

const BITS = 192n;
const UNIT = 1n << BITS;
const LN2 = fixedPoint("0693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326996418687");
const LN10 = fixedPoint("2302585092994045684017991454684364207601101488628772976033327900967572609677352480235997205089598298");
const HALVINGS = 8n;
const SHOWN = 50;
const SIGNIFICANT = 15;

/** A constant from its digits, the first one whole. */
function fixedPoint(digits: string): bigint {
  return (BigInt(digits) * UNIT) / 10n ** BigInt(digits.length - 1);
}

/** A binary number as a whole one, scaled; exact for all that the functions here get. */
function scaled(number: number): bigint {
  let shift = 0n;
  let whole = number;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    shift += 1n;
  }
  return BigInt(whole) << (BITS - shift);
}

/** A number of the language as a whole one, scaled. */
const fixed = (number: Decimal): bigint => (number << BITS) / ONE;

/** The nearest binary number. */
function nearest(number: bigint): number {
  return Number(`${(number * 10n ** BigInt(SHOWN)) >> BITS}e-${SHOWN}`);
}

function exponential(number: bigint): bigint {
  const twos = number / LN2;
  const rest = (number - twos * LN2) >> HALVINGS;
  let sum = UNIT;
  for (let term = UNIT, at = 1n; term !== 0n && term !== -1n; at += 1n) {
    term = ((term * rest) >> BITS) / at;
    sum += term;
  }
  for (let at = 0n; at < HALVINGS; at += 1n) sum = (sum * sum) >> BITS;
  return twos >= 0n ? sum << twos : sum >> -twos;
}

/** From a good guess: ln x = y + ln(x / e^y), and the last is next to nothing. */
function logarithm(number: Decimal): bigint {
  if (number === ONE) return 0n;
  const guess = scaled(Math.log(toBinary(number)));
  const small = ((fixed(number) * exponential(-guess)) >> BITS) - UNIT;
  const square = (small * small) >> BITS;
  return guess + small - square / 2n + ((square * small) >> BITS) / 3n;
}

/** A binary result with 15 significant digits. Raises NUM when it is no number. */
export function fromBinary(number: number): Decimal {
  if (!Number.isFinite(number)) throw Fault.NUM;
  const found = parse(number.toPrecision(SIGNIFICANT))!;
  const [digits = ""] = Math.abs(number).toPrecision(40).replace(".", "").replace(/^0+/, "").split("e");
  const even = Number(digits[SIGNIFICANT - 1]) % 2 === 0;
  if (!even || !/^50*$/.test(digits.slice(SIGNIFICANT))) return found;
  return parse(downwards(number))!; // exactly half way: to the even digit
}

function downwards(number: number): string {
  const [digits = "", exponent = "0"] = Math.abs(number).toExponential(40).split("e");
  return `${number < 0 ? "-" : ""}${digits.slice(0, SIGNIFICANT + 1)}e${exponent}`;
}

/** The square root. Raises NUM for a negative number. */
export function squareRoot(number: Decimal): Decimal {
  if (number < 0n) throw Fault.NUM;
  return fromBinary(Math.sqrt(toBinary(number)));
}

/** e to a power that is not too large. */
export function exp(power: Decimal): Decimal {
  return within(fromBinary(nearest(exponential(fixed(power)))));
}

export function ln(number: Decimal): Decimal {
  return fromBinary(nearest(logarithm(number)));
}

export function log10(number: Decimal): Decimal {
  return fromBinary(nearest((logarithm(number) << BITS) / LN10));
}

export function logTo(number: Decimal, base: Decimal): Decimal {
  return fromBinary(nearest(logarithm(number)) / nearest(logarithm(base)));
}

/** A power with a fraction in its exponent. Raises NUM. */
export function power(base: Decimal, exponent: Decimal): Decimal {
  if (base < 0n) throw Fault.NUM;
  const power = (logarithm(base) * fixed(exponent)) >> BITS;
  if (power > LN10 * BigInt(DIGITS + 1)) throw Fault.NUM;
  if (abs(power) > LN10 * BigInt(INTERMEDIATE + 2)) return 0n;
  return within(fromBinary(nearest(exponential(power))));
}
