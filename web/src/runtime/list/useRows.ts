import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";
import { listRecords } from "@/api/records";
import type { Json, Labels, RecordRow } from "@/api/types";
import { askGroups, askWindow, type GroupAnswer, type GroupRow, type Page, type TableQuery } from "@/api/windows";
import type { GridLine, GridLines } from "@/kit/gridLines";

import { BLOCK, keyOf, RowStore, segmentAt, segmentsOf, type Segment, type Wanted } from "./rowSource";

const PARTS = 40;
/** Between the end of a fast scroll and asking for what is in sight then. */
const PAUSE_MS = 60;
/** Lines drawn as waiting where nobody counted. */
const UNCOUNTED = 20;

export interface Heading {
  label: string;
  by: string;
  totals: Record<string, string>;
}

export interface Rows {
  lines: ComputedRef<GridLines<RecordRow>>;
  /** Null where the rows cannot be counted. */
  count: Ref<number | null>;
  totals: ShallowRef<Record<string, Json>>;
  groups: ShallowRef<GroupRow[]>;
  labels: ShallowRef<Labels>;
  loading: Ref<boolean>;
  ready: Ref<boolean>;
  error: ShallowRef<unknown>;
  load: () => Promise<void>;
  /** Count and add up again, the rows stay. */
  recount: () => Promise<void>;
  seen: (first: number, last: number) => void;
  /** Have the rows between two lines. */
  ensure: (first: number, last: number) => Promise<void>;
  toggle: (key: string) => void;
  replace: (rows: readonly RecordRow[]) => void;
  rowAt: (line: number) => RecordRow | undefined;
  all: () => RecordRow[];
}

/**
 * The rows of a table, wherever one scrolls: groups with their counts say what stands where, rows come in blocks as they
 * get into sight, one after another by cursor and after a jump by place. A new question aborts the old one.
 */
export function useRows(
  place: () => { app: string; entity: string },
  question: () => TableQuery,
  wantedTotals: () => Record<string, string>,
  heading: (group: GroupRow) => Heading,
): Rows {
  const store = new RowStore();
  const version = ref(0);
  const groups = shallowRef<GroupRow[]>([]);
  const totals = shallowRef<Record<string, Json>>({});
  const labels = shallowRef<Labels>({});
  const closed = shallowRef<ReadonlySet<string>>(new Set());
  const count = ref<number | null>(null);
  const loading = ref(false);
  const ready = ref(false);
  const ended = ref(false);
  const error = shallowRef<unknown>(null);
  const levels = ref(0);
  let turn = 0;
  let abort = new AbortController();
  let sight: [number, number] = [0, 0];
  let running: { control: AbortController; wanted: Wanted[] } | null = null;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const segments = computed<Segment[]>(() => {
    void version.value;
    const rows = count.value ?? store.length(keyOf([])) + (ended.value || !ready.value ? 0 : UNCOUNTED);
    return segmentsOf(groups.value, levels.value, rows, closed.value);
  });

  const lines = computed<GridLines<RecordRow>>(() => {
    void version.value;
    const list = segments.value;
    const last = list.at(-1);
    return { count: last ? last.start + last.count : 0, at: (index) => lineAt(list, index) };
  });

  function lineAt(list: readonly Segment[], index: number): GridLine<RecordRow> {
    const segment = segmentAt(list, index);
    if (!segment) return { kind: "wait", key: `wait:${index}` };
    if (segment.group) {
      const head = heading(segment.group);
      return { kind: "group", key: `group:${segment.leaf}`, depth: segment.depth, count: segment.group.count, closed: closed.value.has(segment.leaf), ...head };
    }
    const row = store.get(segment.leaf, index - segment.start);
    return row ? { kind: "row", key: row.id, row } : { kind: "wait", key: `wait:${segment.leaf}:${index - segment.start}` };
  }

  function take(leaf: string, offset: number, page: Page): void {
    store.put(leaf, offset, page.records, page.next_cursor);
    if (!levels.value && !page.next_cursor) {
      ended.value = true;
      count.value ??= offset + page.records.length;
    }
    version.value += 1;
  }

  function takeGroups(answer: GroupAnswer): void {
    groups.value = answer.groups;
    totals.value = answer.totals;
    count.value = answer.count;
  }

  async function load(): Promise<void> {
    turn += 1;
    const mine = turn;
    abort.abort();
    running?.control.abort();
    running = null;
    abort = new AbortController();
    loading.value = true;
    error.value = null;
    const { app, entity } = place();
    const asked = question();
    try {
      if (asked.groups.length) {
        const answer = await askGroups(app, entity, asked, { totals: wantedTotals(), rows: BLOCK, closed: [...closed.value].map((key) => JSON.parse(key) as Json[]) }, abort.signal);
        if (mine !== turn) return;
        begin(asked.groups.length);
        takeGroups(answer);
        labels.value = answer.labels;
        for (const part of answer.parts) store.put(keyOf(answer.groups[part.group]!.values), 0, part.records, part.next_cursor);
      } else {
        const { parts, labels: names } = await askWindow(app, entity, asked, [{ limit: BLOCK }], abort.signal);
        if (mine !== turn) return;
        begin(0);
        labels.value = names;
        take(keyOf([]), 0, parts[0]!);
        if (count.value === null || Object.keys(wantedTotals()).length) void recount();
      }
      ready.value = true;
      version.value += 1;
      look(...sight);
    } catch (problem) {
      if (!isAbort(problem) && mine === turn) error.value = problem;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  function begin(depth: number): void {
    store.clear();
    levels.value = depth;
    groups.value = [];
    totals.value = {};
    count.value = null;
    ended.value = false;
  }

  async function recount(): Promise<void> {
    const mine = turn;
    const { app, entity } = place();
    const asked = question();
    try {
      if (asked.groups.length || Object.keys(wantedTotals()).length) {
        const answer = await askGroups(app, entity, asked, { totals: wantedTotals(), rows: 0, closed: [] }, abort.signal);
        if (mine === turn) takeGroups(answer);
      } else {
        const page = await listRecords(app, entity, { ...asked, fields: ["id"], limit: 1, count: "exact" }, abort.signal);
        if (mine === turn && !page.at_least) count.value = page.count;
      }
    } catch (problem) {
      // A condition worked out row by row can be neither counted nor added up; the rows themselves still come.
      if (!isAbort(problem) && mine === turn && !ready.value) error.value = problem;
    }
  }

  async function fetchBlocks(wanted: Wanted[], control: AbortController): Promise<void> {
    const mine = turn;
    const { app, entity } = place();
    const asked = question();
    for (let at = 0; at < wanted.length; at += PARTS) {
      const some = wanted.slice(at, at + PARTS);
      const parts = some.map((one) => {
        const cursor = store.cursor(one.leaf, one.offset);
        return { within: one.within, limit: one.limit, ...(cursor ? { cursor } : { offset: one.offset }) };
      });
      const answer = await askWindow(app, entity, asked, parts, control.signal);
      if (mine !== turn) return;
      labels.value = answer.labels;
      some.forEach((one, index) => take(one.leaf, one.offset, answer.parts[index]!));
    }
    store.trim(segments.value, ...sight);
  }

  /** Ask for what is in sight and not here; what is on its way and no longer in sight is given up. */
  function look(first: number, last: number): void {
    if (!ready.value || loading.value) return;
    const wanted = store.missing(segments.value, first, last + BLOCK / 2);
    if (!wanted.length) return;
    const same = (a: Wanted, b: Wanted): boolean => a.leaf === b.leaf && a.offset === b.offset;
    if (running && wanted.every((one) => running!.wanted.some((other) => same(one, other)))) return;
    running?.control.abort();
    const mine = { control: new AbortController(), wanted };
    running = mine;
    const asked = turn;
    fetchBlocks(wanted, mine.control)
      .catch((problem: unknown) => {
        if (!isAbort(problem) && asked === turn) error.value = problem;
      })
      .finally(() => {
        if (running !== mine) return;
        running = null;
        if (asked === turn && !error.value) look(...sight);
      });
  }

  onScopeDispose(() => {
    turn += 1;
    abort.abort();
    running?.control.abort();
    clearTimeout(pause);
  });

  return {
    lines,
    count,
    totals,
    groups,
    labels,
    loading,
    ready,
    error,
    load,
    recount,
    seen(first, last) {
      sight = [first, last];
      clearTimeout(pause);
      pause = setTimeout(() => look(first, last), PAUSE_MS);
    },
    async ensure(first, last) {
      const wanted = store.missing(segments.value, first, last);
      if (wanted.length) await fetchBlocks(wanted, new AbortController());
    },
    toggle(key) {
      const leaf = key.slice("group:".length);
      const next = new Set(closed.value);
      if (!next.delete(leaf)) next.add(leaf);
      closed.value = next;
      look(...sight);
    },
    replace(rows) {
      store.replace(rows);
      version.value += 1;
    },
    rowAt(line) {
      const found = lines.value.at(line);
      return found.kind === "row" ? found.row : undefined;
    },
    all: () => store.all(),
  };
}
