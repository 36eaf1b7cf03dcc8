/** Nodes waiting to run, the lowest number first; each at most once at a time. A binary heap. */
import type { Node } from "./program.ts";
import type { Subject } from "./subject.ts";

interface Entry {
  readonly number: number;
  readonly subject: Subject;
  readonly node: Node;
}

export class Queue {
  readonly #heap: Entry[] = [];

  add(subject: Subject, node: Node): void {
    if (subject.waiting.has(node)) return;
    subject.waiting.add(node);
    const heap = this.#heap;
    const entry = { number: node.number, subject, node };
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.number <= entry.number) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = entry;
  }

  next(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last) return undefined;
    if (heap.length) this.#sink(last);
    first.subject.waiting.delete(first.node);
    return first;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.number < heap[below]!.number) below += 1;
      if (heap[below]!.number >= entry.number) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = entry;
  }
}
