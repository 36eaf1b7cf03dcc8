/** Functions over lists: totals, FILTER and MAP, tests, picks, new arrangements. Blank items do not count in totals. */
import { type Decimal, ZERO, divide, integer, whole, within } from "../decimal.ts";
import { Fault } from "../faults.ts";
import { type Builder, type Entry, type Fn, type Items, type Table, largest } from "../table.ts";
import { type Call, type Tree, isRows, itemOf, kindOf } from "../tree.ts";
import { type Value, recordId, same } from "../values.ts";
import { comparison } from "./operators.ts";

// -- totals -------------------------------------------------------------------------------------------------------

/** The arguments of a total, lists spread out, blanks left out. */
function gather(build: Builder, node: Call): Items {
  const parts = node.a.map((arg) => [kindOf(arg.t) === "list", build.argument(arg)] as const);
  return (env) => {
    const values: Value[] = [];
    for (const [isList, part] of parts) {
      const value = part(env);
      if (isList) {
        const items = value as readonly Value[];
        env.spend(items.length);
        for (const item of items) if (item !== null) values.push(item);
      } else if (value !== null) values.push(value);
    }
    return values;
  };
}

/** A function of all values there are; it also gets the order of their kind. */
export function total(compute: (values: readonly never[], order: ReturnType<typeof comparison>) => Value): Entry["form"] {
  return (build, node) => {
    const values = gather(build, node);
    const order = comparison(orderedKind(node));
    return (env) => compute(values(env) as readonly never[], order);
  };
}

function orderedKind(node: Call): string {
  const kinds = node.a.map((arg) => kindOf(kindOf(arg.t) === "list" ? itemOf(arg.t) : arg.t));
  return kinds.find((kind) => kind !== "null") ?? "null";
}

export function addUp(values: readonly Decimal[]): Decimal {
  let sum = ZERO;
  for (const value of values) sum += value;
  return within(sum);
}

export const average = (values: readonly Decimal[]): Decimal | null =>
  values.length ? divide(addUp(values), whole(values.length)) : null;

/** The smallest (sign 1) or largest (sign -1) value; of equals the first. */
function extreme(sign: 1 | -1): Entry {
  return {
    form: total((values: readonly Value[], order) => {
      let best: Value = values.length ? values[0]! : null;
      for (const value of values) if (order(value, best) * sign < 0) best = value;
      return best;
    }),
    scale: largest,
  };
}

// -- FILTER, MAP and their kin ------------------------------------------------------------------------------------

function filter(build: Builder, node: Call): Fn {
  const items = build.items(node.a[0]!);
  const { slot, body } = build.lambda(node.a[1]!);
  return (env) => {
    const source = items(env);
    env.spend(source.length);
    return source.filter((item) => {
      env.slots[slot] = item;
      return body(env) === true;
    });
  };
}

function map(build: Builder, node: Call): Fn {
  const items = build.items(node.a[0]!);
  const { slot, body } = build.lambda(node.a[1]!);
  const flat = kindOf(node.a[1]!.t) === "list";
  return (env) => {
    const source = items(env);
    env.spend(source.length);
    const made: Value[] = [];
    for (const item of source) {
      env.slots[slot] = item;
      const part = body(env);
      if (flat) {
        env.spend((part as Value[]).length);
        for (const one of part as Value[]) made.push(one);
      } else made.push(part);
    }
    return made;
  };
}

/** EXISTS (one true decides) and ALL (one not true decides); an error counts only when nothing decides. */
function quantified(wanted: boolean): Entry {
  return {
    form: (build, node) => {
      const items = build.items(node.a[0]!);
      const { slot, body } = build.lambda(node.a[1]!);
      return (env) => {
        const source = items(env);
        env.spend(source.length);
        let failed: Fault | null = null;
        for (const item of source) {
          env.slots[slot] = item;
          try {
            if ((body(env) === true) === wanted) return wanted;
          } catch (error) {
            if (!(error instanceof Fault)) throw error;
            failed ??= error;
          }
        }
        if (failed) throw failed;
        return !wanted;
      };
    },
  };
}

/** The items of the first list whose partners in other lists meet their conditions. */
function pickIf(build: Builder, node: Call): Fn {
  const picked = build.items(node.a[0]!);
  const tests: { items: Items; slot: number; body: Fn }[] = [];
  for (let at = 1; at + 1 < node.a.length; at += 2) {
    tests.push({ items: build.items(node.a[at]!), ...build.lambda(node.a[at + 1]!) });
  }
  return (env) => {
    const values = picked(env);
    const columns = tests.map((test) => test.items(env));
    env.spend(values.length);
    if (columns.some((column) => column.length !== values.length)) throw Fault.VALUE;
    return values.filter((_, row) =>
      tests.every(({ slot, body }, at) => {
        env.slots[slot] = columns[at]![row]!;
        return body(env) === true;
      }),
    );
  };
}

// -- picks --------------------------------------------------------------------------------------------------------

/** What an item of a list is as a value: the id of a row. */
const itemReader = (list: Tree): ((item: Value | undefined) => Value) =>
  isRows(list) ? (item) => recordId(item) : (item) => item ?? null;

function pick(index: number): Entry {
  return {
    form: (build, node) => {
      const [items, read] = [build.items(node.a[0]!), itemReader(node.a[0]!)];
      return (env) => read(items(env).at(index));
    },
    scale: largest,
  };
}

function atPosition(build: Builder, node: Call): Fn {
  const [items, position] = [build.items(node.a[0]!), build.argument(node.a[1]!)];
  const read = itemReader(node.a[0]!);
  return (env) => {
    const source = items(env);
    const wanted = position(env) as Decimal | null;
    if (wanted === null) return null;
    const at = integer(wanted) - 1;
    if (at < 0 || at >= source.length) throw Fault.VALUE;
    return read(source[at]);
  };
}

// -- new arrangements ---------------------------------------------------------------------------------------------

function rearranged(change: (items: readonly Value[]) => readonly Value[]): Entry {
  return {
    form: (build, node) => {
      const items = build.items(node.a[0]!);
      return (env) => {
        const source = items(env);
        env.spend(source.length);
        return change(source);
      };
    },
    scale: largest,
  };
}

function distinct(items: readonly Value[]): readonly Value[] {
  if (!items.some(Array.isArray)) return [...new Set(items)];
  return items.filter((item, at) => items.findIndex((other) => same(item, other)) === at);
}

function concatenated(build: Builder, node: Call): Fn {
  const parts = node.a.map((arg) => build.items(arg));
  return (env) => {
    const found = parts.flatMap((part) => part(env));
    env.spend(found.length);
    return found;
  };
}

/** By a value, blanks last; equal items stay in their order whichever way. */
function sorted(build: Builder, node: Call): Fn {
  const items = build.items(node.a[0]!);
  const { slot, body } = build.lambda(node.a[1]!);
  const descending = build.value(node.a[2]!);
  const order = comparison(kindOf(node.a[1]!.t));
  return (env) => {
    const source = items(env);
    env.spend(source.length);
    const keyed = source.map((item) => {
      env.slots[slot] = item;
      return [body(env), item] as const;
    });
    const sign = descending(env) === true ? -1 : 1;
    const present = keyed.filter(([key]) => key !== null).sort(([a], [b]) => sign * order(a, b));
    return [...present, ...keyed.filter(([key]) => key === null)].map(([, item]) => item);
  };
}

export const LISTS: Table = {
  SUM: { form: total(addUp), scale: largest },
  AVERAGE: { form: total(average), scale: () => 20 },
  COUNT: { form: total((values) => whole(values.length)) },
  MIN: extreme(1),
  MAX: extreme(-1),
  FILTER: { form: filter, scale: ([list]) => list! },
  MAP: { form: map },
  EXISTS: quantified(true),
  ALL: quantified(false),
  PICKIF: { form: pickIf },
  COUNTALL: { form: (build, node) => (items => (env) => whole(items(env).length))(build.items(node.a[0]!)) },
  FIRST: pick(0),
  LAST: pick(-1),
  INDEX: { form: atPosition },
  DISTINCT: rearranged(distinct),
  REVERSELIST: rearranged((items) => [...items].reverse()),
  FLATTEN: rearranged((items) => (items as Value[][]).flat()),
  CONCATLIST: { form: concatenated, scale: largest },
  SORTBY: { form: sorted },
};
