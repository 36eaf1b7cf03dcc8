import { onScopeDispose, ref, watch, type Ref, type ShallowRef } from "vue";

import { session } from "@/api/session";
import type { Labels } from "@/api/types";

import { draftKey, dropDraft, expireDrafts, readDraft, writeDraft } from "./drafts";
import type { RecordEditor } from "./useRecord";

const QUIET_MS = 700;

export interface DraftKeeper {
  /** When the work on screen was last kept; null: nothing kept. */
  keptAt: Ref<number | null>;
  /** Set when the page began with work from an earlier visit. */
  restoredAt: Ref<number | null>;
  /** Look for earlier work and put it on the screen. True when there was some. */
  restore: () => Promise<boolean>;
  drop: () => Promise<void>;
  /** Keep at once what is waiting for its moment. */
  flush: () => Promise<void>;
}

/** Reactive values cannot be stored; JSON values survive the round trip exactly. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Keep unsaved work of a record in this browser, a moment after every change. */
export function useDraft(
  editor: RecordEditor,
  labels: ShallowRef<Labels>,
  place: () => { app: string; entity: string; id: string },
): DraftKeeper {
  const keptAt = ref<number | null>(null);
  const restoredAt = ref<number | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const key = () => {
    const { app, entity, id } = place();
    return draftKey(session.user?.id ?? "", app, entity, id);
  };

  async function keep(): Promise<void> {
    timer = undefined;
    if (editor.phase.value !== "ready") return;
    if (!editor.dirty.value) {
      if (keptAt.value !== null) await dropDraft(key());
      keptAt.value = null;
      return;
    }
    const at = Date.now();
    const stored = await writeDraft({
      key: key(),
      user: session.user?.id ?? "",
      values: plain(editor.changes.value),
      base: plain(editor.base.value),
      rev: editor.rev.value,
      labels: plain(labels.value),
      at,
    });
    keptAt.value = stored ? at : null;
  }

  function cancel(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  watch(editor.changes, () => {
    cancel();
    timer = setTimeout(() => void keep(), QUIET_MS);
  });
  onScopeDispose(cancel);

  return {
    keptAt,
    restoredAt,
    async restore() {
      restoredAt.value = null;
      keptAt.value = null;
      await expireDrafts();
      const draft = await readDraft(key());
      if (!draft || !Object.keys(draft.values).length) return false;
      editor.adopt(draft.values, draft.base, draft.rev, draft.labels);
      if (!editor.dirty.value) {
        await dropDraft(draft.key);
        return false;
      }
      restoredAt.value = draft.at;
      keptAt.value = draft.at;
      return true;
    },
    async drop() {
      cancel();
      await dropDraft(key());
      keptAt.value = null;
      restoredAt.value = null;
    },
    async flush() {
      if (timer === undefined) return;
      cancel();
      await keep();
    },
  };
}
