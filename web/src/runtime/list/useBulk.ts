import { ref, type Ref } from "vue";

import { newId } from "@/api/ids";
import type { EntityModel } from "@/api/metadata";
import { bulkRecords, restoreRecord } from "@/api/records";
import type { RecordRow } from "@/api/types";
import { say, t } from "@/i18n";
import { useConfirm } from "@/kit/confirm";
import { useToast } from "@/kit/toast";

import { problemText } from "../shared/problems";

const AT_ONCE = 4;

export interface Bulk {
  busy: Ref<boolean>;
  remove: (rows: readonly RecordRow[], titleOf: (row: RecordRow) => string) => Promise<boolean>;
  restore: (ids: readonly string[]) => Promise<boolean>;
}

/** Deleting and restoring many records: the count is asked about first, one press takes it back. */
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

  return {
    busy,
    restore,
    async remove(rows, titleOf) {
      const n = rows.length;
      if (n > 1) {
        const names = rows.slice(0, 5).map(titleOf);
        const sure = await confirm({
          title: t("list.deleteTitle", { n, name: say(entity().label) }),
          text: t("list.deleteText"),
          items: n > 5 ? [...names, t("list.andMore", { n: n - 5 })] : names,
          confirm: t("list.deleteNow", { n }),
          tone: "danger",
        });
        if (!sure) return false;
      }
      return attempt(async () => {
        await bulkRecords(app(), entity().key, rows.map((row) => ({ op: "delete", id: row.id, rev: row.rev })), newId());
        toast.undo(t("list.deleted", { n }), () => void restore(rows.map((row) => row.id)));
      });
    },
  };
}
