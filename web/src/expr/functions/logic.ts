/** Conditions, choices, blanks and errors. */
import { Fault } from "../faults.ts";
import { type Builder, type Fn, type Table, largest } from "../table.ts";
import { type Call, kindOf } from "../tree.ts";
import type { Value } from "../values.ts";

/** AND is decided by FALSE, OR by TRUE, whatever the other sides are; else an error, then a blank, is the answer. */
function kleene(decisive: boolean): (build: Builder, node: Call) => Fn {
  return (build, node) => {
    const args = node.a.map((arg) => build.value(arg));
    return (env) => {
      let result: boolean | null = !decisive;
      let failed: Fault | null = null;
      for (const arg of args) {
        try {
          const value = arg(env);
          if (value === decisive) return decisive;
          if (value === null) result = null;
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          failed ??= error;
        }
      }
      if (failed) throw failed;
      return result;
    };
  };
}

/** Pairs of a condition and a result, and perhaps an else; a blank condition does not hold. A list is never blank. */
function branches(build: Builder, node: Call): Fn {
  const parts = node.a.map((arg) => build.value(arg));
  const [test, then, otherwise] = parts;
  if (parts.length === 3) return (env) => (test!(env) === true ? then!(env) : otherwise!(env));
  const none: Value = kindOf(node.t) === "list" ? [] : null;
  const last = parts.length % 2 ? parts.length - 1 : -1;
  return (env) => {
    for (let at = 0; at + 1 < parts.length; at += 2) if (parts[at]!(env) === true) return parts[at + 1]!(env);
    return last < 0 ? none : parts[last]!(env);
  };
}

function coalesce(build: Builder, node: Call): Fn {
  const args = node.a.map((arg) => build.value(arg));
  return (env) => {
    for (const arg of args) {
      const value = arg(env);
      if (value !== null) return value;
    }
    return null;
  };
}

function attempt(first: Fn, failed: Fn): Fn {
  return (env) => {
    try {
      return first(env);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return failed(env);
    }
  };
}

function isError(build: Builder, node: Call): Fn {
  const value = build.argument(node.a[0]!);
  return attempt(
    (env) => {
      value(env);
      return false;
    },
    () => true,
  );
}

function failIf(flag: Value, value: Value): Value {
  if (flag) throw Fault.NUM;
  return value;
}

const failing = (fault: Fault) => (): Value => {
  throw fault;
};

const isBlank = (value: Value): boolean => value === null || (Array.isArray(value) && value.length === 0);

/** Scales of the results of an IF: every second one, and the last when it is an else. */
const ofResults = (scales: readonly number[]): number =>
  largest(scales.filter((_, at) => at % 2 === 1 || (at === scales.length - 1 && at % 2 === 0)));

export const LOGIC: Table = {
  AND: { form: kleene(false) },
  OR: { form: kleene(true) },
  NOT: { run: (value: boolean) => !value },
  XOR: { run: (...values: Value[]) => values.filter((value) => value === true).length % 2 === 1, blank: "own" },
  IF: { form: branches, scale: ofResults },
  COALESCE: { form: coalesce, scale: largest },
  ISBLANK: { run: isBlank, blank: "own", raw: true },
  IFERROR: { form: (build, node) => attempt(build.value(node.a[0]!), build.value(node.a[1]!)), scale: largest },
  ISERROR: { form: isError },
  FAILIF: { run: failIf, blank: "own", raw: true, scale: ([, value]) => value! },
  NOVALUE: { run: failing(Fault.NUM) },
  NOMATCH: { run: failing(Fault.NA), blank: "own" },
};
