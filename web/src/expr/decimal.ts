/**
 * Decimals of the expression language: whole numbers scaled by 10^20, so that sums and comparisons are those of
 * integers. Intermediate results keep 20 decimals, values that leave arithmetic 12, halves round away from zero, and a
 * value has at most 18 integer digits.
 */
import { Fault } from "./faults.ts";

export type Decimal = bigint;

/** Decimals of a value that is stored, compared, shown or handed to a function. */
export const KEPT = 12;
/** Decimals of an intermediate result. */
export const INTERMEDIATE = 20;
export const DIGITS = 18;

export const ONE = 10n ** 20n;
export const ZERO = 0n;
const HALF = ONE / 2n;
const KEPT_STEP = 10n ** 8n;
const KEPT_HALF = KEPT_STEP / 2n;
/** The first magnitude that is too large: it would round to 19 integer digits. */
const LIMIT = 999999999999999999_99999999999950000000n;
const TEN_TO: readonly bigint[] = Array.from({ length: 40 }, (_, at) => 10n ** BigInt(at));

export const abs = (number: bigint): bigint => (number < 0n ? -number : number);
export const whole = (number: number): Decimal => BigInt(number) * ONE;

/** The quotient of two whole numbers, halves away from zero; `by` is positive. */
export function divideHalf(number: bigint, by: bigint): bigint {
  const twice = number + number;
  return (twice < 0n ? twice - by : twice + by) / (by + by);
}

/** The number. Raises NUM when it has more than 18 integer digits. */
export function within(number: Decimal): Decimal {
  if (number < LIMIT && number > -LIMIT) return number;
  throw Fault.NUM;
}

/** Rounds a value that leaves arithmetic to 12 decimals. */
export function keep12(number: Decimal): Decimal {
  return ((number < 0n ? number - KEPT_HALF : number + KEPT_HALF) / KEPT_STEP) * KEPT_STEP;
}

/** The product to 20 decimals, not yet checked for its size. */
export function multiply(left: Decimal, right: Decimal): Decimal {
  const product = left * right;
  return (product < 0n ? product - HALF : product + HALF) / ONE;
}

/** The quotient to 20 decimals. Raises DIV0 or NUM. */
export function divide(left: Decimal, right: Decimal): Decimal {
  if (right === 0n) throw Fault.DIV0;
  return within(right < 0n ? divideHalf(-left * ONE, -right) : divideHalf(left * ONE, right));
}

/** The whole part as a number; it is exact up to 2^53. */
export const integer = (number: Decimal): number => Number(number / ONE);

/** The value as binary64, correctly rounded. */
export const toBinary = (number: Decimal): number => Number(plain(number));

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads a decimal text (an exponent is allowed), rounded to 20 decimals; null when it is none. */
export function parse(text: string): Decimal | null {
  const found = PLAIN.exec(text);
  if (!found) return null;
  const [, sign, digits = "", decimals = "", exponent] = found;
  if (!digits && !decimals) return null;
  const places = INTERMEDIATE - decimals.length + Number(exponent ?? 0);
  const mantissa = BigInt(digits + decimals);
  const value = places >= 0 ? mantissa * 10n ** BigInt(places) : divideHalf(mantissa, 10n ** BigInt(-places));
  return sign === "-" ? -value : value;
}

/** The shortest plain decimal text: no exponent, no trailing zeros. */
export function plain(number: Decimal): string {
  const digits = abs(number).toString().padStart(INTERMEDIATE + 1, "0");
  const point = digits.length - INTERMEDIATE;
  let end = digits.length;
  while (end > point && digits[end - 1] === "0") end -= 1;
  const text = end > point ? `${digits.slice(0, point)}.${digits.slice(point, end)}` : digits.slice(0, point);
  return number < 0n ? `-${text}` : text;
}

// -- rounding -----------------------------------------------------------------------------------------------------

export type Mode = "half" | "up" | "down";

/** How many decimals a second argument of ROUND means: cut to a whole number, within 12 and -19. */
export function places(digits: Decimal): number {
  return Math.max(-DIGITS - 1, Math.min(KEPT, integer(digits)));
}

/** Rounds to a number of decimals: half away from zero, away from zero, or towards zero. Raises NUM. */
export function round(number: Decimal, at: number, mode: Mode): Decimal {
  if (at <= -DIGITS - 1) {
    if (mode === "up" && number !== 0n) throw Fault.NUM;
    return ZERO;
  }
  const step = TEN_TO[INTERMEDIATE - at]!;
  if (mode === "half") return within(divideHalf(number, step) * step);
  const down = (number / step) * step;
  if (mode === "down" || down === number) return within(down);
  return within(number < 0n ? down - step : down + step);
}

/** The whole number at or below. */
export function floor(number: Decimal): Decimal {
  const cut = (number / ONE) * ONE;
  return cut > number ? cut - ONE : cut;
}

/** The remainder with the sign of the divisor. Raises DIV0. */
export function modulo(left: Decimal, right: Decimal): Decimal {
  if (right === 0n) throw Fault.DIV0;
  const rest = left % right;
  return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest;
}

// -- powers -------------------------------------------------------------------------------------------------------

/** A whole power, exact before it is rounded to 20 decimals. Raises NUM. The base is not zero. */
export function wholePower(base: Decimal, exponent: number): Decimal {
  if (Math.log10(Math.abs(toBinary(base))) * exponent > DIGITS + 1) throw Fault.NUM;
  let mantissa = base;
  let scale = INTERMEDIATE;
  while (scale > 0 && mantissa % 10n === 0n) {
    mantissa /= 10n;
    scale -= 1;
  }
  const size = BigInt(Math.abs(exponent));
  const power = mantissa ** size;
  const shift = 10n ** (BigInt(scale) * size);
  if (exponent >= 0) return within(divideHalf(power * ONE, shift));
  const found = divideHalf(shift * ONE, abs(power));
  return within(power < 0n ? -found : found);
}
