import { ref, type Ref } from "vue";

import type { EntityModel } from "@/api/metadata";
import { restoreRecord } from "@/api/records";
import type { BulkOperation, RecordRow } from "@/api/types";
import { say, t } from "@/i18n";
import { useConfirm } from "@/kit/confirm";
import { useToast } from "@/kit/toast";

import { problemText } from "../shared/problems";
import { makeBulk, previewBulk, reasonLines } from "./bulkPreview";

const AT_ONCE = 4;

export interface Bulk {
  busy: Ref<boolean>;
  remove: (rows: readonly RecordRow[], titleOf: (row: RecordRow) => string) => Promise<boolean>;
  restore: (ids: readonly string[]) => Promise<boolean>;
}

/** Deleting and restoring many records: what will go and what cannot is told first, one press takes it back. */
export function useBulk(app: () => string, entity: () => EntityModel, refresh: () => void): Bulk {
  const busy = ref(false);
  const toast = useToast();
  const confirm = useConfirm();

  async function attempt(work: () => Promise<void>): Promise<boolean> {
    busy.value = true;
    try {
      await work();
      return true;
    } catch (problem) {
      toast.bad(problemText(problem));
      return false;
    } finally {
      busy.value = false;
      refresh();
    }
  }

  async function restoreAll(ids: readonly string[]): Promise<void> {
    const waiting = [...ids];
    const worker = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await restoreRecord(app(), entity().key, id);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, waiting.length) }, worker));
  }

  const restore = (ids: readonly string[]) =>
    attempt(async () => {
      await restoreAll(ids);
      toast.ok(t("list.restored", { n: ids.length }));
    });

  /** Say what would be deleted and what would not, and why; the deletes to make, or nothing. */
  async function sure(rows: readonly RecordRow[], every: BulkOperation[], titleOf: (row: RecordRow) => string): Promise<BulkOperation[] | null> {
    busy.value = true;
    try {
      const preview = await previewBulk(app(), entity().key, every);
      const n = preview.good.length;
      const chosen = new Set(preview.good.map((one) => one.id));
      const names = rows.filter((row) => chosen.has(row.id)).slice(0, 5).map(titleOf);
      const more = n > 5 ? [t("list.andMore", { n: n - 5 })] : [];
      const agreed = await confirm({
        title: n ? t("list.deleteTitle", { n, name: say(entity().label) }) : t("list.deleteNone"),
        text: [...(n ? [t("list.deleteText")] : []), ...(preview.blocked ? [t("list.blocked", { n: preview.blocked, all: every.length })] : [])].join(" "),
        items: preview.blocked ? reasonLines(preview) : [...names, ...more],
        confirm: n ? t("list.deleteNow", { n }) : t("kit.close"),
        tone: n ? "danger" : "primary",
      });
      return agreed && n ? preview.good : null;
    } catch (problem) {
      toast.bad(problemText(problem));
      return null;
    } finally {
      busy.value = false;
    }
  }

  return {
    busy,
    restore,
    async remove(rows, titleOf) {
      const every: BulkOperation[] = rows.map((row) => ({ op: "delete", id: row.id, rev: row.rev }));
      const good = rows.length > 1 ? await sure(rows, every, titleOf) : every;
      if (!good) return false;
      return attempt(async () => {
        await makeBulk(app(), entity().key, good);
        toast.undo(t("list.deleted", { n: good.length }), () => void restore(good.map((one) => one.id!)));
      });
    },
  };
}
