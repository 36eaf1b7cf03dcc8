import { shallowRef } from "vue";

import { newId } from "@/api/ids";
import type { EntityModel } from "@/api/metadata";
import { bulkRecords } from "@/api/records";
import type { BulkOutcome, Json, RecordRow, Values } from "@/api/types";
import { same } from "@/fields/rows";
import { t } from "@/i18n";
import type { GridCellState } from "@/kit/types";
import { useToast } from "@/kit/toast";

import { problemText } from "../shared/problems";

/** One record changed: what its cells were, and what they are to be. Without an id it is a new record. */
export interface Change {
  id?: string;
  rev?: number;
  before: Values;
  after: Values;
}

interface Done {
  id: string;
  before: Values;
  after: Values;
  made: boolean;
}

type Step = readonly Done[];

interface Held {
  value: Json;
  state: GridCellState;
}

export interface GridEdits {
  /** The row as it is to be seen: with what is on its way, and what was refused but is not given up. */
  shown: (row: RecordRow) => RecordRow;
  stateOf: (row: RecordRow, key: string) => GridCellState | undefined;
  /** Write changes in one call, each row for itself; returns how many were refused. */
  write: (changes: Change[]) => Promise<number>;
  undo: () => Promise<void>;
  redo: () => Promise<void>;
}

const STALE = "R320";
const LIMIT = 100;

/**
 * Edits in the table: seen at once, written in one call, taken back and done again. What the server refuses stays in its
 * cell with the reason; an undo that meets somebody else's change says so instead of undoing it.
 */
export function useGridEdits(place: () => { app: string; entity: EntityModel }, refresh: (ids: string[], made: boolean) => Promise<void>): GridEdits {
  const toast = useToast();
  const held = shallowRef(new Map<string, Held>());
  const past = shallowRef<Step[]>([]);
  const future = shallowRef<Step[]>([]);
  /** Revisions as one's own writes left them: anything newer is somebody else's. */
  const mine = new Map<string, number>();
  const at = (id: string, key: string): string => `${id}:${key}`;
  /** Writes, undos and redos go one after the other, however fast the keys come: each knows how the one before it ended. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  }

  function hold(changes: readonly Change[], state: GridCellState): void {
    const next = new Map(held.value);
    for (const change of changes) {
      if (!change.id) continue;
      for (const [key, value] of Object.entries(change.after)) next.set(at(change.id, key), { value, state });
    }
    held.value = next;
  }

  function settle(changes: readonly Change[], results: readonly BulkOutcome[]): number {
    const next = new Map(held.value);
    let refused = 0;
    changes.forEach((change, index) => {
      const findings = results[index]?.findings ?? [];
      if (findings.length) refused += 1;
      for (const key of Object.keys(change.after)) {
        const name = at(change.id ?? "", key);
        // A reason without a place of its own belongs to every cell of the row that was changed.
        const found = findings.find((finding) => finding.place.split("/").pop() === key) ?? findings.find((finding) => !changed(change, finding.place));
        if (next.get(name)?.value !== change.after[key]) continue; // written again meanwhile
        if (found) next.set(name, { value: change.after[key]!, state: { state: "failed", error: found.text } });
        else next.delete(name);
      }
    });
    held.value = next;
    return refused;
  }
  const changed = (change: Change, where: string): boolean => (where.split("/").pop() ?? "") in change.after;

  async function send(changes: readonly Change[]): Promise<BulkOutcome[]> {
    const { app, entity } = place();
    const operations = changes.map((change) =>
      change.id ? { op: "update" as const, id: change.id, rev: latest(change.id, change.rev), values: change.after } : { op: "create" as const, values: change.after },
    );
    return (await bulkRecords(app, entity.key, operations, newId(), false)).results;
  }

  /** The row may be shown as it was before one's own last write to it. */
  const latest = (id: string, rev: number | undefined): number | undefined => Math.max(rev ?? 0, mine.get(id) ?? 0) || undefined;

  /** What a cell was before this change: what is on its way to it counts. */
  function following({ id, rev, before, after }: Change): Change {
    const was = { ...before };
    for (const key of Object.keys(after)) {
      const found = id ? held.value.get(at(id, key)) : undefined;
      if (found?.state.state === "saving") was[key] = found.value;
    }
    return { id, rev, before: was, after };
  }

  async function write(changes: Change[]): Promise<number> {
    const real = changes.map(following).filter((change) => !change.id || Object.keys(change.after).some((key) => !same(change.after[key], change.before[key])));
    if (!real.length) {
      drop(changes);
      return 0;
    }
    hold(real, { state: "saving" });
    return inTurn(() => put(real));
  }

  async function put(real: Change[]): Promise<number> {
    let results: BulkOutcome[];
    try {
      results = await send(real);
    } catch (problem) {
      hold(real, { state: "failed", error: problemText(problem) });
      toast.bad(problemText(problem));
      return real.length;
    }
    const done = real.flatMap((change, index): Done[] => {
      const id = results[index]?.id;
      return id && !results[index]?.findings?.length ? [{ id, before: change.before, after: change.after, made: !change.id }] : [];
    });
    remember(results);
    if (done.length) {
      past.value = [...past.value.slice(1 - LIMIT), done];
      future.value = [];
      await renew(done);
    }
    return settle(real, results);
  }

  /** Cells show what was written to them until the rows are here as the server has them. */
  async function renew(done: Step): Promise<void> {
    try {
      await refresh(done.map((one) => one.id), done.some((one) => one.made));
    } catch (problem) {
      toast.bad(problemText(problem));
    }
  }

  function drop(changes: readonly Pick<Change, "id" | "after">[]): void {
    const next = new Map(held.value);
    for (const change of changes) for (const key of Object.keys(change.after)) next.delete(at(change.id ?? "", key));
    held.value = next;
  }

  function remember(results: readonly BulkOutcome[]): void {
    for (const result of results) if (result.id && result.rev) mine.set(result.id, result.rev);
  }

  /** Write a step one way or the other; what somebody changed since stays as they made it. */
  async function step(one: Step, back: boolean): Promise<boolean> {
    const { app, entity } = place();
    const operations = one.map(({ id, before, after, made }) =>
      made ? { op: "delete" as const, id, rev: mine.get(id) } : { op: "update" as const, id, rev: mine.get(id), values: back ? before : after },
    );
    try {
      const { results } = await bulkRecords(app, entity.key, operations, newId(), false);
      remember(results);
      const wrong = results.flatMap((result) => result.findings ?? []);
      const stale = wrong.filter((finding) => finding.code === STALE).length;
      await renew(one);
      drop(one);
      if (stale) toast.bad(t("grid.changedSince", { n: stale }));
      else if (wrong[0]) toast.bad(wrong[0].text);
      else toast.info(t(back ? "grid.undone" : "grid.redone", { n: one.length }));
      return !wrong.length;
    } catch (problem) {
      toast.bad(problemText(problem));
      return false;
    }
  }

  async function undo(): Promise<void> {
    const one = past.value.at(-1);
    if (!one) return void toast.info(t("grid.nothingToUndo"));
    past.value = past.value.slice(0, -1);
    if (await step(one, true)) future.value = [...future.value, one];
  }

  async function redo(): Promise<void> {
    const one = future.value.at(-1);
    if (!one) return void toast.info(t("grid.nothingToRedo"));
    if (one.some((done) => done.made)) return void toast.info(t("grid.noRedoOfNew"));
    future.value = future.value.slice(0, -1);
    if (await step(one, false)) past.value = [...past.value, one];
  }

  return {
    shown(row) {
      let values: Values | null = null;
      for (const key of Object.keys(row.values)) {
        const found = held.value.get(at(row.id, key));
        if (found) values = { ...(values ?? row.values), [key]: found.value };
      }
      return values ? { ...row, values } : row;
    },
    stateOf: (row, key) => held.value.get(at(row.id, key))?.state,
    write,
    undo: () => inTurn(undo),
    redo: () => inTurn(redo),
  };
}
