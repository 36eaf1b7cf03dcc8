import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import type { EntityModel } from "@/api/metadata";
import type { FieldMeta, RecordRow } from "@/api/types";
import { checkPaste, type PasteCheck } from "@/api/windows";
import { t } from "@/i18n";
import type { CellRange, GridLines } from "@/kit/gridLines";
import { useToast } from "@/kit/toast";
import type { GridPaste } from "@/kit/types";

import { problemText } from "../shared/problems";
import { blockOf, pastedRows, reachOf, type CellBlock, type Target } from "./cellEdits";
import type { Change } from "./useGridEdits";

export interface PasteRow {
  target: Target;
  check: PasteCheck;
}

/** A block read and checked, waiting for a yes. */
export interface PastePlan {
  fields: readonly FieldMeta[];
  rows: PasteRow[];
  changed: number;
  made: number;
  wrong: number;
}

export interface Paste {
  plan: ShallowRef<PastePlan | null>;
  busy: Ref<boolean>;
  put: (paste: GridPaste) => Promise<void>;
  fill: (from: CellRange, to: CellRange, block: CellBlock) => Promise<void>;
  confirm: () => Promise<void>;
  cancel: () => void;
}

export const MOST_ROWS = 5_000;

/**
 * Putting a block of cells into the table. The server reads each text as its field does and checks each row; more than
 * one row, or anything wrong, is shown before it is written.
 */
export function usePaste(source: {
  app: () => string;
  entity: () => EntityModel;
  columns: () => readonly string[];
  lines: () => GridLines<RecordRow>;
  ensure: (first: number, last: number) => Promise<void>;
  mayAdd: () => boolean;
  write: (changes: Change[]) => Promise<number>;
}): Paste {
  const toast = useToast();
  const plan = shallowRef<PastePlan | null>(null);
  const busy = ref(false);

  /** The rows below a line, headings left out; beyond the last row new ones, when that is allowed. */
  async function targets(top: number, wanted: number): Promise<Target[]> {
    await source.ensure(top, top + wanted);
    const lines = source.lines();
    const found: Target[] = [];
    for (let line = top; line < lines.count && found.length < wanted; line += 1) {
      const one = lines.at(line);
      if (one.kind === "row") found.push({ row: one.row });
      else if (one.kind === "wait") break;
    }
    if (source.mayAdd()) while (found.length < wanted) found.push({});
    return found;
  }

  async function check(block: CellBlock, top: number, left: number, rows: number, columns: number, ask: boolean): Promise<void> {
    if (rows > MOST_ROWS) return void toast.bad(t("grid.pasteTooMany", { n: MOST_ROWS }));
    const entity = source.entity();
    const fields = source
      .columns()
      .slice(left, left + columns)
      .flatMap((key) => entity.field(key) ?? []);
    busy.value = true;
    try {
      const into = await targets(top, rows);
      if (!into.length || !fields.length) return;
      const sent = pastedRows(entity, block, fields, into);
      const answer = await checkPaste(source.app(), entity.key, fields.map((field) => field.key), sent);
      const found = into.map((target, index) => ({ target, check: answer.rows[index]! }));
      const wrong = found.filter((row) => row.check.findings?.length).length;
      const made = into.filter((target) => !target.row).length;
      const next: PastePlan = { fields, rows: found, changed: into.length - made, made, wrong };
      if (ask ? into.length > 1 || wrong : wrong) plan.value = next;
      else await write(next);
    } catch (problem) {
      toast.bad(problemText(problem));
    } finally {
      busy.value = false;
    }
  }

  async function write(one: PastePlan): Promise<void> {
    const good = one.rows.filter((row) => !row.check.findings?.length);
    const changes = good.map(({ target, check: { values } }): Change => {
      const before = Object.fromEntries(Object.keys(values).map((key) => [key, target.row?.values[key] ?? null]));
      return { ...(target.row ? { id: target.row.id, rev: target.row.rev } : {}), before, after: values };
    });
    const refused = await source.write(changes);
    if (refused) toast.bad(t("grid.refused", { n: refused }));
    else if (changes.length > 1) toast.ok(t("grid.written", { n: changes.length }));
  }

  return {
    plan,
    busy,
    async put(paste) {
      const block = blockOf(paste.cells, paste.exact);
      if (!block.texts.length) return;
      const reach = reachOf(block, paste.at);
      await check(block, paste.at.top, paste.at.left, reach.rows, reach.columns, true);
    },
    fill: (_from, to, block) => check(block, to.top, to.left, to.bottom - to.top + 1, to.right - to.left + 1, false),
    async confirm() {
      const one = plan.value;
      if (!one) return;
      busy.value = true;
      try {
        await write(one);
        plan.value = null;
      } finally {
        busy.value = false;
      }
    },
    cancel: () => (plan.value = null),
  };
}

