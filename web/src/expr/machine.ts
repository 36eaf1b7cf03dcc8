/**
 * Runs a compiled pattern over a text: all ways at once, one character after another, so that no pattern takes more
 * time than steps times characters. The leftmost match wins, of several there the one a backtracking search finds first.
 */
import { Unsupported } from "./faults.ts";
import type { Assertion, Ranges } from "./patterns.ts";
import type { Program, Step } from "./programs.ts";

/** Start and end of the match, then of the first group; -1 for none. In characters. */
type Match = readonly [number, number, number, number];

const MOST_WORK = 2_000_000;

function has(set: Ranges, code: number): boolean {
  for (let at = 0; at < set.length; at += 2) {
    if (code < set[at]!) return false;
    if (code <= set[at + 1]!) return true;
  }
  return false;
}

const isWord = (code: number | undefined): boolean => code !== undefined && has([48, 57, 65, 90, 95, 95, 97, 122], code);

function holds(what: Assertion, codes: readonly number[], at: number): boolean {
  if (what === "start") return at === 0;
  if (what === "end") return at === codes.length;
  if (what === "lineStart") return at === 0 || codes[at - 1] === 10;
  if (what === "lineEnd") return at === codes.length || codes[at] === 10;
  return isWord(codes[at - 1]) !== isWord(codes[at]);
}

class Threads {
  readonly states: number[] = [];
  readonly saved: Match[] = [];
  readonly #seen: Int32Array;
  #round = 0;

  constructor(size: number) {
    this.#seen = new Int32Array(size);
  }

  clear(): void {
    this.states.length = 0;
    this.saved.length = 0;
    this.#round += 1;
  }

  visit(state: number): boolean {
    if (this.#seen[state] === this.#round) return false;
    this.#seen[state] = this.#round;
    return true;
  }
}

/** One search after another over a text, with a common budget of work. Raises `Unsupported` beyond it. */
export class Machine {
  readonly #steps: readonly Step[];
  readonly #codes: readonly number[];
  #now: Threads;
  #next: Threads;
  #work = 0;

  constructor(program: Program, text: string) {
    this.#steps = program.steps;
    this.#codes = Array.from(text, (character) => character.codePointAt(0)!);
    this.#now = new Threads(program.steps.length);
    this.#next = new Threads(program.steps.length);
  }

  /** The leftmost match from a position on, or null. */
  search(from: number): Match | null {
    let found: Match | null = null;
    this.#now.clear();
    for (let at = from; at <= this.#codes.length; at += 1) {
      if (!found) this.#follow(this.#now, 0, at, [-1, -1, -1, -1]);
      if (found && !this.#now.states.length) break;
      found = this.#advance(at) ?? found;
      [this.#now, this.#next] = [this.#next, this.#now];
    }
    return found;
  }

  /** Moves all threads over the character at a position; returns the match of the first one that is through. */
  #advance(at: number): Match | null {
    const { states, saved } = this.#now;
    const code = this.#codes[at];
    this.#next.clear();
    for (let index = 0; index < states.length; index += 1) {
      const step = this.#steps[states[index]!]!;
      if (step.op === "match") return saved[index]!;
      if (step.op === "set" && code !== undefined && has(step.set, code)) {
        this.#follow(this.#next, states[index]! + 1, at + 1, saved[index]!);
      }
    }
    return null;
  }

  /** Adds the states reachable without a character, the preferred ones first. */
  #follow(threads: Threads, start: number, at: number, saved: Match): void {
    const waiting: [number, Match][] = [[start, saved]];
    for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
      const [state, marks] = entry;
      if (!threads.visit(state)) continue;
      this.#work += 1;
      if (this.#work > MOST_WORK) throw new Unsupported("pattern: so long a search is left to the server");
      const step = this.#steps[state]!;
      if (step.op === "jump") waiting.push([step.to, marks]);
      else if (step.op === "split") waiting.push([step.second, marks], [step.first, marks]);
      else if (step.op === "save") waiting.push([state + 1, marked(marks, step.at, at)]);
      else if (step.op === "assert") {
        if (holds(step.what, this.#codes, at)) waiting.push([state + 1, marks]);
      } else {
        threads.states.push(state);
        threads.saved.push(marks);
      }
    }
  }
}

function marked(marks: Match, index: number, at: number): Match {
  const made: [number, number, number, number] = [...marks];
  made[index] = at;
  return made;
}
