/** Statistics over values and lists, blanks left out; exact sums, roots to 15 significant digits. */
import { squareRoot } from "../binary.ts";
import { type Decimal, ZERO, divide, integer, multiply, whole, within } from "../decimal.ts";
import { Fault } from "../faults.ts";
import type { Builder, Entry, Fn, Table } from "../table.ts";
import { type Call, itemOf, kindOf } from "../tree.ts";
import { addUp, average, total } from "./lists.ts";
import { comparison } from "./operators.ts";

function median(values: readonly Decimal[]): Decimal | null {
  const ordered = [...values].sort(comparison("number"));
  const half = Math.floor(ordered.length / 2);
  if (!ordered.length) return null;
  return ordered.length % 2 ? ordered[half]! : average(ordered.slice(half - 1, half + 1));
}

function product(values: readonly Decimal[]): Decimal | null {
  const [first, ...rest] = values;
  return first === undefined ? null : rest.reduce((result, value) => within(multiply(result, value)), first);
}

const sumOfSquares = (values: readonly Decimal[]): Decimal => addUp(values.map((value) => multiply(value, value)));

/** Variance of a population or a sample; blank for no values. Raises DIV0 for a sample of one, NUM. */
function variance(values: readonly Decimal[], sample: boolean): Decimal | null {
  if (!values.length) return null;
  const mean = average(values) ?? ZERO;
  const squares = sumOfSquares(values.map((value) => value - mean));
  return divide(squares, whole(values.length - (sample ? 1 : 0)));
}

function deviation(values: readonly Decimal[], sample: boolean): Decimal | null {
  const found = variance(values, sample);
  return found === null ? null : squareRoot(found);
}

function ranked(sign: 1 | -1): Entry {
  return {
    form: (build, node) => {
      const [items, rank] = [build.items(node.a[0]!), build.argument(node.a[1]!)];
      const order = comparison(kindOf(itemOf(node.a[0]!.t)));
      return (env) => {
        const source = items(env);
        const wanted = rank(env) as Decimal | null;
        env.spend(source.length);
        if (wanted === null) return null;
        const values = source.filter((item) => item !== null).sort((a, b) => sign * order(a, b));
        const at = integer(wanted) - 1;
        if (at < 0 || at >= values.length) throw Fault.NUM;
        return values[at]!;
      };
    },
  };
}

/** Multiplies lists of one length item by item and adds up; items with a blank are skipped. */
function sumProduct(build: Builder, node: Call): Fn {
  const lists = node.a.map((arg) => build.items(arg));
  return (env) => {
    const columns = lists.map((items) => items(env)) as (Decimal | null)[][];
    env.spend(Math.max(...columns.map((column) => column.length)));
    if (columns.some((column) => column.length !== columns[0]!.length)) throw Fault.VALUE;
    const rows = columns[0]!.map((_, at) => columns.map((column) => column[at]!));
    return addUp(rows.filter((row) => !row.includes(null as never)).map((row) => product(row) ?? ZERO));
  };
}

const of = (compute: (values: readonly Decimal[]) => Decimal | null): Entry => ({ form: total(compute), scale: () => 20 });

export const STATISTICS: Table = {
  MEDIAN: of(median),
  PRODUCT: of(product),
  SUMSQ: of(sumOfSquares),
  STDEV: of((values) => deviation(values, true)),
  STDEVP: of((values) => deviation(values, false)),
  VAR: of((values) => variance(values, true)),
  VARP: of((values) => variance(values, false)),
  LARGE: ranked(-1),
  SMALL: ranked(1),
  SUMPRODUCT: { form: sumProduct, scale: () => 20 },
};
