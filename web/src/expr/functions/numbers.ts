/** Functions over numbers. */
import {
  type Decimal, INTERMEDIATE, ONE, ZERO, abs, floor, integer, modulo, places, round, type Mode, within,
} from "../decimal.ts";
import { exp, ln, log10, logTo, squareRoot } from "../binary.ts";
import { Fault } from "../faults.ts";
import type { Entry, Table } from "../table.ts";
import type { Value } from "../values.ts";

const TWO = 2n * ONE;
const TEN = 10n * ONE;
const LARGEST_FACTORIAL = 19;
const EXP_LOW = -60n * ONE;
const EXP_HIGH = 42n * ONE;
const PI = 3_14159265358979000000n;

function rounding(mode: Mode): Entry {
  return { run: (number: Decimal, digits: Decimal = ZERO) => round(number, places(digits), mode) };
}

function sign(number: Decimal): Decimal {
  return number > ZERO ? ONE : number < ZERO ? -ONE : ZERO;
}

function multipleBelow(number: Decimal, step: Decimal = ONE): Decimal {
  return within(number - modulo(number, abs(step)));
}

function multipleAbove(number: Decimal, step: Decimal = ONE): Decimal {
  return within(number + modulo(-number, abs(step)));
}

/** The nearest multiple, halves away from zero. Raises NUM for a step of the other sign. */
function nearestMultiple(number: Decimal, step: Decimal): Decimal {
  if (step === ZERO) return ZERO;
  if (number !== ZERO && number < ZERO !== step < ZERO) throw Fault.NUM;
  const size = abs(step);
  const rest = abs(number) % size;
  const found = abs(number) - rest + (rest + rest >= size ? size : ZERO);
  return within(number < ZERO ? -found : found);
}

function quotient(left: Decimal, right: Decimal): Decimal {
  if (right === ZERO) throw Fault.DIV0;
  return within((left / right) * ONE);
}

/** The next even or odd whole number away from zero. */
function toParity(odd: boolean): Entry {
  return {
    run: (number: Decimal) => {
      let size = -floor(-abs(number));
      if ((size % TWO === ONE) !== odd) size += ONE;
      return within(number < ZERO ? -size : size);
    },
  };
}

const isOdd = (number: Decimal): boolean => (number / ONE) % 2n !== 0n;

function exponential(number: Decimal): Decimal {
  if (number > EXP_HIGH) throw Fault.NUM;
  return exp(number < EXP_LOW ? EXP_LOW : number);
}

function positive(number: Decimal): Decimal {
  if (number <= ZERO) throw Fault.NUM;
  return number;
}

function logarithm(number: Decimal, base: Decimal = TEN): Decimal {
  if (base === TEN) return log10(positive(number));
  if (number <= ZERO || base <= ZERO) throw Fault.NUM;
  if (base === ONE) throw Fault.DIV0;
  return logTo(number, base);
}

function factorial(number: Decimal): Decimal {
  const last = integer(number);
  if (number < ZERO || last > LARGEST_FACTORIAL) throw Fault.NUM;
  let product = 1n;
  for (let at = 2; at <= last; at += 1) product *= BigInt(at);
  return product * ONE;
}

/** The whole parts, blanks left out. Raises NUM for a negative one. */
function wholeParts(values: readonly Value[]): bigint[] {
  const found = values.filter((value) => value !== null).map((value) => (value as Decimal) / ONE);
  if (found.some((value) => value < 0n)) throw Fault.NUM;
  return found;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b) [a, b] = [b, a % b];
  return a;
}

function greatestDivisor(...values: Value[]): Decimal {
  return wholeParts(values).reduce(commonDivisor, 0n) * ONE;
}

function leastMultiple(...values: Value[]): Decimal {
  const found = wholeParts(values);
  if (!found.length) return ZERO;
  return within(found.reduce((a, b) => (a && b ? (a / commonDivisor(a, b)) * b : 0n), 1n) * ONE);
}

const binary = { scale: (): number => INTERMEDIATE };

export const NUMBERS: Table = {
  ABS: { run: abs },
  SIGN: { run: sign },
  ROUND: rounding("half"),
  ROUNDUP: rounding("up"),
  ROUNDDOWN: rounding("down"),
  TRUNC: rounding("down"),
  INT: { run: (number: Decimal) => within(floor(number)) },
  CEILING: { run: multipleAbove },
  FLOOR: { run: multipleBelow },
  MOD: { run: modulo },
  MROUND: { run: nearestMultiple },
  QUOTIENT: { run: quotient },
  EVEN: toParity(false),
  ODD: toParity(true),
  ISEVEN: { run: (number: Decimal) => !isOdd(number) },
  ISODD: { run: isOdd },
  FACT: { run: factorial },
  GCD: { run: greatestDivisor, blank: "own" },
  LCM: { run: leastMultiple, blank: "own" },
  PI: { run: () => PI, scale: () => 14 },
  SQRT: { run: squareRoot, ...binary },
  EXP: { run: exponential, ...binary },
  LN: { run: (number: Decimal) => ln(positive(number)), ...binary },
  LOG: { run: logarithm, ...binary },
  LOG10: { run: (number: Decimal) => log10(positive(number)), ...binary },
};
