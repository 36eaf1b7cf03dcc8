/** A pattern as a program for a machine that never goes back (`machine.ts`). */
import { type Assertion, type Node, type Ranges, decline, parsePattern } from "./patterns.ts";

export type Step =
  | { readonly op: "set"; readonly set: Ranges }
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; to: number }
  | { readonly op: "save"; readonly at: number }
  | { readonly op: "assert"; readonly what: Assertion }
  | { readonly op: "match" };

export interface Program {
  readonly steps: readonly Step[];
  readonly groups: number;
}

const MOST_STEPS = 2_000;

class Builder {
  readonly steps: Step[] = [];

  add<S extends Step>(step: S): S {
    if (this.steps.length >= MOST_STEPS) decline("so large a pattern");
    this.steps.push(step);
    return step;
  }

  put(node: Node): void {
    if (node.kind === "set") this.add({ op: "set", set: node.set });
    else if (node.kind === "assert") this.add({ op: "assert", what: node.what });
    else if (node.kind === "all") node.parts.forEach((part) => this.put(part));
    else if (node.kind === "any") this.#any(node.parts);
    else if (node.kind === "group") this.#group(node.index, node.body);
    else if (node.kind === "repeat") this.#repeat(node.body, node.least, node.most, node.lazy);
  }

  #any(parts: readonly Node[]): void {
    const jumps: { to: number }[] = [];
    parts.forEach((part, at) => {
      if (at === parts.length - 1) return this.put(part);
      const split = this.add({ op: "split", first: this.steps.length + 1, second: 0 });
      this.put(part);
      jumps.push(this.add({ op: "jump", to: 0 }));
      split.second = this.steps.length;
    });
    for (const jump of jumps) jump.to = this.steps.length;
  }

  /** Only the whole match and the first group are ever asked for. */
  #group(index: number, body: Node): void {
    if (index > 1) return this.put(body);
    this.add({ op: "save", at: 2 });
    this.put(body);
    this.add({ op: "save", at: 3 });
  }

  #repeat(body: Node, least: number, most: number, lazy: boolean): void {
    if (most === Infinity && least === 0) return this.#optional(lazy, () => this.#plus(body, lazy));
    for (let at = least; at > (most === Infinity ? 1 : 0); at -= 1) this.put(body);
    if (most === Infinity) return this.#plus(body, lazy);
    const nest = (left: number): void => {
      if (left > 0) this.#optional(lazy, () => {
        this.put(body);
        nest(left - 1);
      });
    };
    nest(most - least);
  }

  /** One or more: the body, and back as long as it goes. */
  #plus(body: Node, lazy: boolean): void {
    const start = this.steps.length;
    this.put(body);
    const after = this.steps.length + 1;
    this.add(lazy ? { op: "split", first: after, second: start } : { op: "split", first: start, second: after });
  }

  #optional(lazy: boolean, inside: () => void): void {
    const split = this.add({ op: "split", first: 0, second: 0 });
    const start = this.steps.length;
    inside();
    const after = this.steps.length;
    split.first = lazy ? after : start;
    split.second = lazy ? start : after;
  }
}

/** Compiles a pattern. Raises `Unsupported` for what the server has to match. */
export function compilePattern(source: string): Program {
  const { node, groups } = parsePattern(source);
  const builder = new Builder();
  builder.add({ op: "save", at: 0 });
  builder.put(node);
  builder.add({ op: "save", at: 1 });
  builder.add({ op: "match" });
  return { steps: builder.steps, groups };
}
