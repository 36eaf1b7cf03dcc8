import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";
import { listRecords } from "@/api/records";
import type { FieldMeta, Filter, Json, RecordQuery, RecordRow } from "@/api/types";
import { fetchBoard, type BoardData } from "@/api/viewdata";
import { optionOf, optionsOf } from "@/fields/options";
import { say, t } from "@/i18n";
import type { Tone } from "@/kit/types";

import type { ViewHost } from "../list/viewKinds";
import { aligned, moved, slotOf, type Cell } from "./board";
import type { ViewFields } from "./useView";

export interface Lane {
  /** Undefined where the board has no lanes. */
  value: Json | undefined;
  slot: string;
  label: string;
  tone: Tone | undefined;
  count: number | null;
  cells: Cell[];
  ready: boolean;
}

export interface Place {
  lane: string;
  column: string;
}

export interface Board {
  lanes: ShallowRef<Lane[]>;
  more: Ref<boolean>;
  error: ShallowRef<unknown>;
  loading: Ref<boolean>;
  ready: Ref<boolean>;
  empty: ComputedRef<boolean>;
  label: (field: FieldMeta, value: Json) => string;
  tone: (field: FieldMeta, value: Json) => Tone | undefined;
  load: () => Promise<void>;
  open: (lane: string) => Promise<void>;
  page: (at: Place) => Promise<void>;
  place: (row: RecordRow, from: Place, to: Place) => void;
  /** Ask again for what changed: the cells and every number. */
  refresh: (places: Place[]) => Promise<void>;
}

const PAGE = 40;
const LANES_OPEN = 4;

const is = (field: FieldMeta, value: Json): Filter => (value === null ? ["blank", field.key] : ["=", field.key, value]);
const both = (a: Filter | undefined, b: Filter): Filter => (a === null || a === undefined ? b : ["and", a, b]);

/** The cards of a board, lane by lane and column by column, page after page. */
export function useBoard(host: ViewHost, fields: ViewFields, closed: () => readonly string[]): Board {
  const lanes = shallowRef<Lane[]>([]);
  const more = ref(false);
  const error = shallowRef<unknown>(null);
  const loading = ref(false);
  const ready = ref(false);
  let turn = 0;
  let control: AbortController | null = null;

  const by = () => fields.part("by");
  const laneField = () => fields.part("lane");
  const keys = (): string[] => ["by", "lane", "sum", "cover"].flatMap((name) => fields.part(name)?.key ?? []);
  const question = (lane?: Json): RecordQuery => {
    const asked = fields.question(keys());
    const field = laneField();
    return field && lane !== undefined ? { ...asked, filter: both(asked.filter, is(field, lane)) } : asked;
  };
  const label = (field: FieldMeta, value: Json): string => {
    if (value === null) return t("views.blank", { name: say(field.label) });
    const text = String(value);
    return optionsOf(field).length ? optionOf(field, text).label : (host.ctx.label(field, text) ?? t("views.unknown"));
  };

  const tone = (field: FieldMeta, value: Json): Tone | undefined =>
    typeof value === "string" && optionsOf(field).length ? optionOf(field, value).tone : undefined;

  function cellsOf(data: BoardData): Cell[] {
    return data.columns.map((column) => ({
      value: column.value,
      count: column.count,
      sum: column.sum,
      rows: column.records,
      cursor: column.next_cursor,
      loading: false,
    }));
  }

  const ask = (lane: Json | undefined, shut: readonly string[], limit = PAGE, signal?: AbortSignal): Promise<BoardData> =>
    fetchBoard(host.app.key, host.entity.key, by()!.key, { ...question(lane), limit }, { sum: fields.part("sum")?.key, closed: shut }, signal);

  function put(slot: string, change: Partial<Lane>): void {
    lanes.value = lanes.value.map((lane) => (lane.slot === slot ? { ...lane, ...change } : lane));
  }

  async function fill(slot: string, signal?: AbortSignal): Promise<void> {
    const lane = lanes.value.find((one) => one.slot === slot);
    if (!lane) return;
    const mine = turn;
    const data = await ask(lane.value, closed(), PAGE, signal);
    if (mine !== turn) return;
    host.learn(data.labels);
    more.value ||= data.more;
    put(slot, { cells: cellsOf(data), ready: true });
    const open = lanes.value.filter((one) => one.ready);
    const columns = aligned(open.map((one) => one.cells));
    open.forEach((one, at) => put(one.slot, { cells: columns[at]! }));
  }

  async function load(): Promise<void> {
    const field = laneField();
    if (!by()) return;
    turn += 1;
    control?.abort();
    control = new AbortController();
    const { signal } = control;
    const mine = turn;
    loading.value = true;
    error.value = null;
    try {
      if (!field) {
        const data = await ask(undefined, closed(), PAGE, signal);
        if (mine !== turn) return;
        host.learn(data.labels);
        more.value = data.more;
        lanes.value = [{ value: undefined, slot: "", label: "", tone: undefined, count: null, cells: cellsOf(data), ready: true }];
      } else {
        const data = await fetchBoard(host.app.key, host.entity.key, field.key, { ...question(), limit: 1 }, {}, signal);
        if (mine !== turn) return;
        host.learn(data.labels);
        more.value = data.more;
        const shown = data.columns.filter((column) => column.count !== 0);
        lanes.value = shown.map((column) => ({
          value: column.value,
          slot: slotOf(column.value),
          label: label(field, column.value),
          tone: tone(field, column.value),
          count: column.count,
          cells: [],
          ready: false,
        }));
        await Promise.all(lanes.value.slice(0, LANES_OPEN).map((lane) => fill(lane.slot, signal)));
      }
      ready.value = true;
    } catch (problem) {
      if (!isAbort(problem) && mine === turn) error.value = problem;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  async function page(at: Place): Promise<void> {
    const lane = lanes.value.find((one) => one.slot === at.lane);
    const cell = lane?.cells.find((one) => slotOf(one.value) === at.column);
    const field = by();
    if (!lane || !cell || !cell.cursor || cell.loading || !field) return;
    const mine = turn;
    const change = (next: Partial<Cell>): void =>
      put(at.lane, {
        cells: lanes.value.find((one) => one.slot === at.lane)!.cells.map((one) => (slotOf(one.value) === at.column ? { ...one, ...next } : one)),
      });
    change({ loading: true });
    const asked = question(lane.value);
    const answer = await listRecords(host.app.key, host.entity.key, {
      ...asked,
      filter: both(asked.filter, is(field, cell.value)),
      cursor: cell.cursor,
      limit: PAGE * 2,
    }).catch((problem: unknown) => {
      error.value = problem;
      return null;
    });
    if (mine !== turn || !answer) return;
    host.learn(answer.labels);
    const known = new Set(cell.rows.map((row) => row.id));
    change({ loading: false, cursor: answer.next_cursor, rows: [...cell.rows, ...answer.records.filter((row) => !known.has(row.id))] });
  }

  async function refresh(places: Place[]): Promise<void> {
    const mine = turn;
    for (const slot of new Set(places.map((one) => one.lane))) {
      const lane = lanes.value.find((one) => one.slot === slot);
      if (!lane?.ready) continue;
      const wanted = new Set(places.filter((one) => one.lane === slot).map((one) => one.column));
      const others = lane.cells.map((cell) => slotOf(cell.value)).filter((column) => !wanted.has(column));
      const size = Math.max(PAGE, ...lane.cells.filter((cell) => wanted.has(slotOf(cell.value))).map((cell) => cell.rows.length));
      const data = await ask(lane.value, [...others, ...closed()], Math.min(size, 200)).catch((problem: unknown) => {
        error.value = problem;
        return null;
      });
      if (mine !== turn || !data) return;
      host.learn(data.labels);
      const fresh = new Map(cellsOf(data).map((cell) => [slotOf(cell.value), cell]));
      put(slot, {
        cells: lane.cells.map((cell) => {
          const now = fresh.get(slotOf(cell.value));
          if (!now) return { ...cell, count: 0, sum: null, rows: [] };
          const kept = !wanted.has(slotOf(cell.value)) || cell.rows.length > 200;
          return kept ? { ...cell, count: now.count, sum: now.sum } : now;
        }),
      });
    }
  }

  watch(
    () => lanes.value.map((lane) => lane.cells.map((cell) => cell.count)),
    () => {
      const counts = lanes.value.flatMap((lane) => (laneField() ? [lane.count] : lane.cells.map((cell) => cell.count)));
      host.counted(counts.some((count) => count === null) ? null : counts.reduce<number>((sum, count) => sum + count!, 0));
    },
  );

  return {
    lanes,
    more,
    error,
    loading,
    ready,
    empty: computed(() => ready.value && lanes.value.every((lane) => lane.count === 0 || (lane.ready && lane.cells.every((cell) => !cell.count && !cell.rows.length)))),
    label,
    tone,
    load,
    open: (slot) => fill(slot),
    page,
    place(row, from, to) {
      lanes.value = lanes.value.map((lane) => {
        if (lane.slot === from.lane && lane.slot === to.lane) return { ...lane, cells: moved(lane.cells, from.column, to.column, row) };
        if (lane.slot === from.lane) return { ...lane, count: lane.count && lane.count - 1, cells: moved(lane.cells, from.column, "\0", row) };
        if (lane.slot === to.lane) return { ...lane, count: lane.count === null ? null : lane.count + 1, cells: moved(lane.cells, "\0", to.column, row) };
        return lane;
      });
    },
    refresh,
  };
}
