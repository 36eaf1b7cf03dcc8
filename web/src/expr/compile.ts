/** From the bound tree to closures. Blank is null; an error travels as a `Fault` that is thrown. */
import { INTERMEDIATE, KEPT, keep12, parse } from "./decimal.ts";
import { Env } from "./env.ts";
import { Unsupported } from "./faults.ts";
import { FUNCTIONS } from "./functions/index.ts";
import { type Builder, type Entry, type Fn, type Items, lambdaOf } from "./table.ts";
import { type Call, type Path, type Tree, type Const, kindOf, walk } from "./tree.ts";
import { type Row, type Value, reader, recordId } from "./values.ts";

/** Characters of a text in a list that count as one more item. */
const TEXT_STEP = 64;

function entryOf(name: string): Entry {
  const entry = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!entry) throw new Unsupported(`${name} is computed by the server`);
  return entry;
}

/** The most decimals a number can have; what has more than 12 is cut where it leaves arithmetic. */
function scaleOf(node: Tree): number {
  if (node.k === "const") return typeof node.v === "string" ? (node.v.split(".")[1]?.length ?? 0) : 0;
  if (node.k === "path") return node.scale ?? (typeof node.t === "object" && "number" in node.t ? node.t.number : KEPT);
  if (node.k === "lambda" || node.k === "let") return scaleOf(node.body);
  if (node.k === "list") return KEPT;
  const { scale } = entryOf(node.f);
  return scale ? Math.min(INTERMEDIATE, scale(node.a.map(scaleOf))) : KEPT;
}

/** How many variable slots a tree needs. */
export function slotsOf(tree: Tree): number {
  let most = 0;
  for (const node of walk(tree)) if (node.k === "lambda" || node.k === "let") most = Math.max(most, node.slot + 1);
  return most;
}

export class Compiler implements Builder {
  value(node: Tree): Fn {
    if (node.k === "call") return this.#call(node);
    if (node.k === "const") return constant(readConst(node));
    if (node.k === "path") return path(node);
    if (node.k === "list") {
      const parts = node.items.map((item) => this.argument(item));
      return (env) => parts.map((part) => part(env));
    }
    if (node.k === "lambda") throw new TypeError("a function of items stands alone");
    const [value, body, slot] = [this.value(node.v), this.value(node.body), node.slot];
    return (env) => {
      env.slots[slot] = value(env);
      return body(env);
    };
  }

  argument(node: Tree): Fn {
    if (kindOf(node.t) !== "number" || scaleOf(node) <= KEPT) return this.value(node);
    const value = this.value(node);
    return (env) => {
      const number = value(env) as bigint | null;
      return number === null ? null : keep12(number);
    };
  }

  items(node: Tree): Items {
    return this.value(node) as Items;
  }

  lambda(node: Tree): { slot: number; body: Fn } {
    const { slot, body } = lambdaOf(node);
    const value = this.argument(body);
    return {
      slot,
      body: (env) => {
        const made = value(env);
        env.spend(typeof made === "string" ? Math.floor(made.length / TEXT_STEP) : 0);
        return made;
      },
    };
  }

  /** A list is never blank, only empty, also where a function stands for it that only gives NULL. */
  #call(node: Call): Fn {
    const made = this.#plain(node);
    return kindOf(node.t) === "list" ? (env) => made(env) ?? [] : made;
  }

  #plain(node: Call): Fn {
    const entry = entryOf(node.f);
    if (entry.form) return entry.form(this, node);
    const args = node.a.map((arg) => (entry.raw ? this.value(arg) : this.argument(arg)));
    const run = entry.run as (...values: unknown[]) => Value;
    if (entry.env) return withEnvironment(run, args);
    if (entry.blank === "own") return (env) => run(...args.map((arg) => arg(env)));
    return entry.blank === "text" ? textual(run, args, node) : propagating(run, args);
  }
}

function constant(value: Value): Fn {
  return () => value;
}

function readConst(node: Const): Value {
  if (kindOf(node.t) === "duration" && typeof node.v === "number") return BigInt(node.v); // of a tree: microseconds
  return kindOf(node.t) === "number" && node.v !== null ? parse(String(node.v)) : reader(node.t)(node.v);
}

function propagating(run: (...values: unknown[]) => Value, args: readonly Fn[]): Fn {
  const [first, second, third] = args;
  if (args.length === 1) {
    return (env) => {
      const value = first!(env);
      return value === null ? null : run(value);
    };
  }
  if (args.length === 2) {
    return (env) => {
      const left = first!(env);
      const right = second!(env);
      return left === null || right === null ? null : run(left, right);
    };
  }
  if (args.length === 3) {
    return (env) => {
      const [a, b, c] = [first!(env), second!(env), third!(env)];
      return a === null || b === null || c === null ? null : run(a, b, c);
    };
  }
  return (env) => {
    const values = args.map((arg) => arg(env));
    return values.includes(null) ? null : run(...values);
  };
}

function withEnvironment(run: (...values: unknown[]) => Value, args: readonly Fn[]): Fn {
  return (env) => {
    const values = args.map((arg) => arg(env));
    return values.includes(null) ? null : run(env, ...values);
  };
}

/** Blank text reads as empty text, empty text is blank; any other blank argument makes the result blank. */
function textual(run: (...values: unknown[]) => Value, args: readonly Fn[], node: Call): Fn {
  const isText = node.a.map((arg) => ["text", "null"].includes(kindOf(arg.t)));
  return (env) => {
    const values: Value[] = [];
    let blank = false;
    for (let at = 0; at < args.length; at += 1) {
      const value = args[at]!(env);
      if (value === null && !isText[at]) blank = true;
      values.push(value === null && isText[at] ? "" : value);
    }
    if (blank) return null;
    const result = run(...values);
    return result === "" ? null : result;
  };
}

// -- paths --------------------------------------------------------------------------------------------------------

const ROOTS: Readonly<Record<string, (env: Env) => unknown>> = {
  "": (env) => env.record,
  OLD: (env) => env.old,
  USER: (env) => env.user?.fields,
  PARAM: (env) => env.params,
  APP: (env) => env.app,
};

function follow(row: unknown, id: string): unknown {
  if (row === null || row === undefined) return null;
  if (typeof row !== "string") return (row as Row)[id];
  if (id === "sys_id") return row;
  throw new Unsupported(`field ${id} of a linked record was not sent along`);
}

function path(node: Path): Fn {
  const { root, ids } = node;
  if (!ids.length) return bare(node);
  const read = required(node) ?? reader(node.t);
  const start = typeof root === "number" ? (env: Env): unknown => env.slots[root] : ROOTS[root];
  if (!start) throw new Unsupported(`${root} is not known here`);
  const [only, ...more] = ids;
  if (!more.length && root === "") return (env) => read(env.record[only!]);
  if (!more.length) return (env) => read(follow(start(env), only!));
  return (env) => {
    let row = start(env);
    for (const id of ids) row = follow(row, id);
    return read(row);
  };
}

/** A checkbox is never blank. */
function required(node: Path): ((raw: unknown) => Value) | null {
  return node.t === "boolean" && node.required ? (raw) => raw === true : null;
}

function bare(node: Path): Fn {
  const { root } = node;
  if (typeof root === "string") return (env) => env.user?.id ?? null;
  if (kindOf(node.t) === "record") return (env) => recordId(env.slots[root]);
  return kindOf(node.t) === "list" ? (env) => env.slots[root] ?? [] : (env) => env.slots[root]!;
}

