/** Arithmetic and comparison. */
import { type Decimal, ONE, ZERO, divide, multiply, wholePower, within, abs } from "../decimal.ts";
import { power } from "../binary.ts";
import { Fault } from "../faults.ts";
import { type Builder, type Fn, type Table, largest } from "../table.ts";
import { compare as compareText } from "../text.ts";
import { type Call, kindOf } from "../tree.ts";
import { type Value, same } from "../values.ts";

type Numbers = (env: Parameters<Fn>[0]) => Decimal | null;

const LARGEST_EXPONENT = 1_000n * ONE;

function sum(build: Builder, node: Call): Fn {
  const args = node.a.map((arg) => build.value(arg) as Numbers);
  const [first, second] = args;
  if (args.length === 2) {
    return (env) => {
      const left = first!(env);
      const right = second!(env);
      return left === null || right === null ? null : within(left + right);
    };
  }
  return (env) => {
    let total: Decimal | null = ZERO;
    for (const arg of args) {
      const value = arg(env);
      total = total === null || value === null ? null : total + value;
    }
    return total === null ? null : within(total);
  };
}

function raise(base: Decimal, exponent: Decimal): Decimal {
  if (abs(exponent) > LARGEST_EXPONENT) throw Fault.NUM;
  if (base === ZERO) {
    if (exponent < ZERO) throw Fault.DIV0;
    return exponent === ZERO ? ONE : ZERO;
  }
  return exponent % ONE === ZERO ? wholePower(base, Number(exponent / ONE)) : power(base, exponent);
}

/** Less than zero, zero or more, for values of one ordered kind. */
export function comparison(kind: string): (left: Value, right: Value) => number {
  if (kind === "text") return (left, right) => compareText(left as string, right as string);
  return (left, right) => (left! < right! ? -1 : left === right ? 0 : 1);
}

function ordered(decide: (order: number) => boolean): (build: Builder, node: Call) => Fn {
  return (build, node) => {
    const [left, right] = [build.argument(node.a[0]!), build.argument(node.a[1]!)];
    const order = comparison(kindOf(node.a[0]!.t));
    return (env) => {
      const a = left(env);
      const b = right(env);
      return a === null || b === null ? null : decide(order(a, b));
    };
  };
}

function equal(wanted: boolean): (build: Builder, node: Call) => Fn {
  return (build, node) => {
    const [left, right] = [build.argument(node.a[0]!), build.argument(node.a[1]!)];
    return (env) => same(left(env), right(env)) === wanted;
  };
}

function member(build: Builder, node: Call): Fn {
  const [value, items] = [build.argument(node.a[0]!), build.items(node.a[1]!)];
  return (env) => {
    const wanted = value(env);
    return items(env).some((item) => same(item, wanted));
  };
}

const twenty = (): number => 20;

export const OPERATORS: Table = {
  "+": { form: sum, scale: largest },
  "*": { run: (a: Decimal, b: Decimal) => within(multiply(a, b)), raw: true, scale: ([a, b]) => a! + b! },
  "/": { run: divide, raw: true, scale: twenty },
  "^": { run: raise, raw: true, scale: twenty },
  NEG: { run: (a: Decimal) => -a, raw: true, scale: largest },
  "=": { form: equal(true) },
  "<>": { form: equal(false) },
  "<": { form: ordered((order) => order < 0) },
  "<=": { form: ordered((order) => order <= 0) },
  ">": { form: ordered((order) => order > 0) },
  ">=": { form: ordered((order) => order >= 0) },
  IN: { form: member },
};
