import { matchOf } from "./matching";
import type { FunctionEntry } from "./types";

/** Rank of a function for what is typed: its name and aliases first, then words of what it does. */
export function functionMatch(query: string, entry: FunctionEntry): number {
  const byName = matchOf(query, [entry.name, ...entry.aliases]);
  if (byName) return byName;
  const described = typeof entry.docs === "string" ? [entry.docs] : Object.values(entry.docs);
  return query.length >= 2 ? Math.min(2, matchOf(query, described)) : 0;
}

/** The parameter of an argument; the last ones come again and again where a function repeats. */
export function paramAt(entry: FunctionEntry, argument: number): FunctionEntry["params"][number] | undefined {
  const { params, repeat } = entry;
  if (argument < params.length || !repeat) return params[argument];
  const first = params.length - repeat;
  return params[first + ((argument - first) % repeat)];
}
