import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";

import { deleteDraft, getDraft, putDraft, type LeftValue, type ServerDraft } from "@/api/drafts";
import { ProblemError } from "@/api/problem";
import { session } from "@/api/session";
import type { FieldMeta, Json, Labels, Values } from "@/api/types";

import { thisDevice } from "./device";
import { draftKey, dropDraft, expireDrafts, readDraft, writeDraft, type Draft } from "./drafts";
import type { RecordEditor } from "./useRecord";

const QUIET_MS = 700;
/** The server is told less often than the device. */
const SEND_MS = 4_000;

export interface DraftKeeper {
  /** When the work on screen was last kept; null: nothing kept. */
  keptAt: Ref<number | null>;
  /** Whether the server has it too, so that another device can go on. */
  sent: Ref<boolean>;
  /** Set when the page began with work from an earlier visit. */
  restoredAt: Ref<number | null>;
  /** Newer work of the same person on another device. */
  elsewhere: ShallowRef<ServerDraft | null>;
  /** Values of a draft that no longer fit the form. */
  left: ShallowRef<readonly LeftValue[]>;
  /** Look for earlier work and put it on the screen. True when there was some. */
  restore: () => Promise<boolean>;
  adoptElsewhere: () => Promise<boolean>;
  dropElsewhere: () => Promise<void>;
  forgetLeft: () => void;
  drop: () => Promise<void>;
  /** Keep at once what is waiting for its moment. */
  flush: () => Promise<void>;
}

/** Reactive values cannot be stored; JSON values survive the round trip exactly. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** The server may be away, or have no room for it: the device keeps the work all the same. */
async function tolerant<T>(work: () => Promise<T>, without: T): Promise<T> {
  try {
    return await work();
  } catch (problem) {
    if (problem instanceof ProblemError) return without;
    throw problem;
  }
}

/** Kept values by the fields of now; those of fields that went or changed their type are told apart. */
function fitting(draft: Draft, editor: RecordEditor): { values: Values; left: LeftValue[] } {
  const values: Values = {};
  const left: LeftValue[] = [];
  for (const [key, value] of Object.entries(draft.values)) {
    const was = draft.fields?.[key];
    const field = editor.field(was?.id ?? key);
    const reason = !field || field.level === "hidden" ? "gone" : field.level !== "write" ? "locked" : was && was.type !== field.type ? "retyped" : null;
    if (reason) left.push({ label: was?.label ?? key, value, reason });
    else values[field!.key] = value;
  }
  return { values, left };
}

/** Keep unsaved work of a record in this browser a moment after every change, and on the server a little later. */
export function useDraft(
  editor: RecordEditor,
  labels: ShallowRef<Labels>,
  place: () => { app: string; entity: string; id: string },
): DraftKeeper {
  const keptAt = ref<number | null>(null);
  const sent = ref(false);
  const restoredAt = ref<number | null>(null);
  const elsewhere = shallowRef<ServerDraft | null>(null);
  const left = shallowRef<readonly LeftValue[]>([]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sender: ReturnType<typeof setTimeout> | undefined;
  let onServer = false;

  const key = () => {
    const { app, entity, id } = place();
    return draftKey(session.user?.id ?? "", app, entity, id);
  };
  const remote = () => {
    const { app, entity, id } = place();
    return [app, entity, id] as const;
  };
  const based = (values: Values): Values => Object.fromEntries(Object.keys(values).map((name) => [name, editor.base.value[name] ?? null]));
  const described = (values: Values) =>
    Object.fromEntries(Object.keys(values).flatMap((name) => {
      const field: FieldMeta | undefined = editor.field(name);
      return field ? [[name, { id: field.id, type: field.type, label: field.label }]] : [];
    }));

  async function keep(): Promise<void> {
    timer = undefined;
    if (editor.phase.value !== "ready") return;
    if (!editor.dirty.value) {
      if (keptAt.value !== null) await remove();
      keptAt.value = null;
      return;
    }
    const at = Date.now();
    const values = plain(editor.changes.value);
    const [user, rev] = [session.user?.id ?? "", editor.rev.value];
    const stored = await writeDraft({ key: key(), user, values, base: plain(based(values)), fields: plain(described(values)), rev, labels: plain(labels.value), at });
    keptAt.value = stored ? at : null;
    sent.value = false;
    sender ??= setTimeout(() => void send(), SEND_MS);
  }

  async function send(): Promise<void> {
    clearTimeout(sender);
    sender = undefined;
    if (!editor.dirty.value || editor.saving.value) return;
    const values = plain(editor.changes.value);
    const draft = { values, base: plain(based(values)), rev: editor.rev.value, device: thisDevice() };
    const done = await tolerant(() => putDraft(...remote(), draft), null);
    onServer ||= done !== null;
    sent.value = done !== null;
    if (done && keptAt.value === null) keptAt.value = Date.parse(done.at);
  }

  async function remove(): Promise<void> {
    await dropDraft(key());
    if (!onServer) return;
    onServer = false;
    await tolerant<unknown>(() => deleteDraft(...remote()), null);
  }

  function cancel(): void {
    clearTimeout(timer);
    clearTimeout(sender);
    timer = sender = undefined;
  }

  /** Continue over what is stored now where the work did not touch it; a clash is found on saving. */
  function adopt(values: Values, base: Values, rev: number, names: Labels, at: number): boolean {
    editor.adopt(values, { ...editor.base.value, ...base }, rev, names);
    if (!editor.dirty.value) return false;
    restoredAt.value = at;
    keptAt.value = at;
    return true;
  }

  const useServer = (draft: ServerDraft): boolean => {
    left.value = draft.left;
    onServer = sent.value = true;
    return adopt(draft.values, draft.base, draft.rev, draft.labels, Date.parse(draft.at));
  };

  watch(editor.version, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void keep(), QUIET_MS);
  });
  onScopeDispose(cancel);

  return {
    keptAt,
    sent,
    restoredAt,
    elsewhere,
    left,
    forgetLeft: () => void (left.value = []),
    async restore() {
      restoredAt.value = keptAt.value = elsewhere.value = null;
      left.value = [];
      onServer = sent.value = false;
      await expireDrafts();
      const began = key();
      const asked = tolerant(() => getDraft(...remote()), { draft: null }).then(({ draft }) => draft);
      const local = await readDraft(key());
      if (local && Object.keys(local.values).length) {
        const kept = fitting(local, editor);
        left.value = kept.left;
        const base = Object.fromEntries(Object.entries(local.base).filter(([name]) => name in kept.values)) as Record<string, Json>;
        const done = adopt(kept.values, base, local.rev, local.labels, local.at);
        if (!done && !kept.left.length) await dropDraft(local.key);
        void asked.then((draft) => {
          onServer ||= draft !== null;
          if (began === key() && draft && draft.device.id !== thisDevice().id && Date.parse(draft.at) > local.at) elsewhere.value = draft;
        });
        return done;
      }
      if (place().id) {
        // Somebody who only reads does not wait for it.
        void asked.then((draft) => {
          if (began === key() && draft) elsewhere.value = draft;
        });
        return false;
      }
      const draft = await asked;
      if (!draft) return false;
      if (draft.device.id === thisDevice().id) return useServer(draft);
      elsewhere.value = draft;
      return false;
    },
    async adoptElsewhere() {
      const draft = elsewhere.value;
      elsewhere.value = null;
      return draft ? useServer(draft) : false;
    },
    async dropElsewhere() {
      elsewhere.value = null;
      await tolerant<unknown>(() => deleteDraft(...remote()), null);
    },
    async drop() {
      cancel();
      await remove();
      keptAt.value = restoredAt.value = elsewhere.value = null;
      left.value = [];
      sent.value = false;
    },
    async flush() {
      if (timer !== undefined) {
        cancel();
        await keep();
      }
      if (sender !== undefined || (editor.dirty.value && !sent.value)) await send();
    },
  };
}
