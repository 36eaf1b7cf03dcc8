/** Values as text: joining, formats, labels of options, regular expressions. */
import { plain } from "../decimal.ts";
import type { Env } from "../env.ts";
import { Unsupported } from "../faults.ts";
import { Machine } from "../machine.ts";
import { formatDate, formatWall, midnight } from "../moments.ts";
import { formatMoment, formatNumber } from "../pictures.ts";
import { type Program, compilePattern } from "../programs.ts";
import type { Builder, Entry, Fn, Table } from "../table.ts";
import { bounded } from "../text.ts";
import { type Call, type Kind, type Tree, kindOf } from "../tree.ts";
import type { Value } from "../values.ts";
import { wallOf } from "../zones.ts";

/** A duration as hours, minutes and seconds: `49:30:00`. */
function durationText(duration: bigint): string {
  const seconds = (duration < 0n ? -duration : duration) / 1_000_000n;
  const two = (part: bigint): string => String(part % 60n).padStart(2, "0");
  const sign = duration < 0n && seconds > 0n ? "-" : "";
  return `${sign}${seconds / 3600n}:${two(seconds / 60n)}:${two(seconds)}`;
}

/** The canonical text of a value that is not blank. */
function toText(env: Env, value: Value, kind: Kind): string {
  switch (kind) {
    case "boolean":
      return value ? "TRUE" : "FALSE";
    case "number":
      return plain(value as bigint);
    case "date":
      return formatDate(value as number);
    case "datetime":
      return formatWall(wallOf(value as bigint, env.zone));
    case "duration":
      return durationText(value as bigint);
    default:
      return value as string;
  }
}

function ofKind(write: (env: Env, value: Value, kind: Kind, picture: string) => string): Entry["form"] {
  return (build, node) => {
    const [value, picture] = node.a.map((arg) => build.argument(arg));
    const kind = kindOf(node.a[0]!.t);
    return (env) => {
      const found = value!(env);
      const shape = picture ? picture(env) : "";
      return found === null || shape === null ? null : write(env, found, kind, shape as string) || null;
    };
  };
}

function formatted(env: Env, value: Value, kind: Kind, picture: string): string {
  if (kind === "number") return formatNumber(value as bigint, picture);
  return formatMoment(kind === "date" ? midnight(value as number) : wallOf(value as bigint, env.zone), picture);
}

function label(build: Builder, node: Call): Fn {
  const value = build.value(node.a[0]!);
  const [choice, language] = node.a;
  const options = typeof choice!.t === "object" && "choice" in choice!.t ? choice!.t.choice : [];
  const wanted = language!.k === "const" ? String(language!.v) : "";
  const labels = new Map(options.map(([id, names]) => [id, names[wanted] || (Object.values(names)[0] ?? "") || id]));
  return (env) => labels.get(value(env) as string) ?? null;
}

function joined(delimiter: Value, ...parts: Value[]): string | null {
  const texts = parts.flatMap((part) => (Array.isArray(part) ? (part as Value[]) : [part])).filter((part) => part);
  return bounded(texts.join((delimiter as string | null) ?? "")) || null;
}

function concatenation(build: Builder, node: Call): Fn {
  const parts = node.a.map((arg) => build.value(arg));
  return (env) => {
    let text = "";
    for (const part of parts) text += (part(env) as string | null) ?? "";
    return bounded(text) || null;
  };
}

// -- regular expressions ------------------------------------------------------------------------------------------

function patternOf(node: Tree | undefined): string {
  if (node?.k !== "const") throw new Unsupported("a pattern that is not written out");
  return (node.v as string | null) ?? "";
}

type Search = (machine: Machine, characters: readonly string[], program: Program, by: string) => Value;

function matching(use: Search): Entry {
  return {
    form: (build, node) => {
      const program = compilePattern(patternOf(node.a[1]));
      const [text, , by] = node.a.map((arg) => build.value(arg));
      return (env) => {
        const source = (text!(env) as string | null) ?? "";
        const replacement = (by?.(env) as string | null | undefined) ?? "";
        return use(new Machine(program, source), [...source], program, replacement);
      };
    },
  };
}

function extract(machine: Machine, characters: readonly string[], program: Program): Value {
  const found = machine.search(0);
  if (!found) return null;
  const [from, to] = program.groups ? [found[2], found[3]] : [found[0], found[1]];
  return from < 0 ? null : characters.slice(from, to).join("") || null;
}

function replaceAll(machine: Machine, characters: readonly string[], _program: Program, by: string): Value {
  const parts: string[] = [];
  let done = 0;
  for (let at = 0; at <= characters.length; ) {
    const found = machine.search(at);
    if (!found) break;
    const [from, to] = found;
    // An empty match right behind another match is none.
    if (from < to || from > done || !parts.length) {
      parts.push(characters.slice(done, from).join(""), by);
      done = to;
    }
    at = to > at ? to : at + 1;
  }
  return bounded(parts.join("") + characters.slice(done).join("")) || null;
}

export const WRITING: Table = {
  TOTEXT: { form: ofKind(toText) },
  FORMAT: { form: ofKind(formatted) },
  LABEL: { form: label },
  JOINED: { run: joined, blank: "own" },
  "&": { form: concatenation },
  REGEXMATCH: matching((machine) => machine.search(0) !== null),
  REGEXEXTRACT: matching(extract),
  REGEXREPLACE: matching(replaceAll),
};
