import { onScopeDispose, ref, shallowReactive } from "vue";

import { marksOf, readAll } from "@/api/around";

/** Rows that come into sight within this time are asked about together. */
const PAUSE_MS = 40;
const AT_ONCE = 200;

export interface Unread {
  has: (id: string) => boolean;
  /** A record is in sight at this revision: find out, unless that is known. */
  want: (id: string, rev: number) => void;
  /** Which round of questions this is; in a new one everything in sight is asked about again. */
  round: () => number;
  /** One opened it: the dot goes at once. */
  opened: (id: string) => void;
  /** Call everything read; returns the way back. */
  all: () => Promise<() => Promise<void>>;
}

/** What is new to this person among the records a list shows: one question for all that come into sight together. */
export function useUnread(place: () => { app: string; entity: string }): Unread {
  const dots = shallowReactive(new Set<string>());
  const known = new Map<string, number>();
  const waiting = new Set<string>();
  const round = ref(0);
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(ids: string[]): Promise<void> {
    const { app, entity } = place();
    try {
      const { unread } = await marksOf(app, entity, ids, abort.signal);
      const found = new Set(unread);
      for (const id of ids) {
        if (found.has(id)) dots.add(id);
        else dots.delete(id);
      }
    } catch {
      // A list without its dots is a list all the same; what could not be told is asked again when it is next in sight.
      for (const id of ids) known.delete(id);
    }
  }

  function flush(): void {
    timer = undefined;
    const ids = [...waiting];
    waiting.clear();
    for (let at = 0; at < ids.length; at += AT_ONCE) void ask(ids.slice(at, at + AT_ONCE));
  }

  function again(): void {
    known.clear();
    round.value += 1;
  }

  onScopeDispose(() => {
    clearTimeout(timer);
    abort.abort();
  });

  return {
    has: (id) => dots.has(id),
    want(id, rev) {
      if (known.get(id) === rev) return;
      known.set(id, rev);
      waiting.add(id);
      timer ??= setTimeout(flush, PAUSE_MS);
    },
    round: () => round.value,
    opened: (id) => void dots.delete(id),
    async all() {
      const { app, entity } = place();
      const { since } = await readAll(app, entity);
      dots.clear();
      return async () => {
        await readAll(app, entity, since);
        again();
      };
    },
  };
}
