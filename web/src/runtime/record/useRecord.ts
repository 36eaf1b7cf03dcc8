import { computed, ref, shallowReactive, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { newId } from "@/api/ids";
import type { EntityModel } from "@/api/metadata";
import { ProblemError, isAbort } from "@/api/problem";
import { createRecord, getRecord, updateRecord } from "@/api/records";
import type { Action, FieldMeta, Finding, Json, Labels, Level, RecordView, Values } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import { checkField, fieldType } from "@/fields/registry";

import { mergeLabels } from "../shared/labels";
import { messagesOf, placeFindings } from "./findings";

export type Phase = "loading" | "ready" | "missing" | "failed";

export interface Clash {
  rev: number;
  fields: { field: FieldMeta; mine: Json; theirs: Json; base: Json | undefined }[];
}

export type SaveOutcome = "saved" | "unchanged" | "invalid" | "conflict" | "failed";

export interface RecordEditor {
  phase: Ref<Phase>;
  error: ShallowRef<unknown>;
  id: Ref<string | null>;
  rev: Ref<number>;
  /** As the server gave them. */
  base: ShallowRef<Values>;
  /** Why computed fields are blank, by key. */
  faults: Ref<Record<string, string>>;
  /** As the widgets hold them. */
  values: Record<string, unknown>;
  actions: ShallowRef<Action[]>;
  saving: Ref<boolean>;
  /** Fields with the level they have in this very record. */
  fields: ComputedRef<FieldMeta[]>;
  /** Findings of the server by place; see `messagesOf`. */
  messages: ShallowRef<Record<string, string[]>>;
  general: ShallowRef<Finding[]>;
  clash: ShallowRef<Clash | null>;
  /** What differs from `base`, as it is sent. */
  changes: ComputedRef<Values>;
  dirty: ComputedRef<boolean>;
  field: (key: string) => FieldMeta | undefined;
  complaintOf: (field: FieldMeta) => string | null;
  load: (id: string) => Promise<void>;
  begin: (prefill?: Values) => void;
  show: (view: RecordView) => void;
  set: (key: string, value: unknown) => void;
  touch: (key: string) => void;
  /** Judge these fields as on saving, from now on; the keys of those that are wrong. */
  judge: (keys: string[]) => string[];
  reset: () => void;
  /** Continue earlier work: `values` changed over `base` at `rev`. */
  adopt: (values: Values, base: Values, rev: number, names: Labels) => void;
  save: () => Promise<SaveOutcome>;
  merge: (chosen: Values) => Promise<SaveOutcome>;
}

export interface RecordPlace {
  app: () => string;
  entity: () => EntityModel;
  ctx: FieldContext;
  labels: ShallowRef<Labels>;
}

/** One record being read or edited: what is stored, what the person has changed, and what is wrong with it. */
export function useRecord({ app, entity, ctx, labels }: RecordPlace): RecordEditor {
  const phase = ref<Phase>("loading");
  const error = shallowRef<unknown>(null);
  const id = ref<string | null>(null);
  const rev = ref(0);
  const base = shallowRef<Values>({});
  /** Why computed fields are blank, by key. */
  const faults = ref<Record<string, string>>({});
  const values = shallowReactive<Record<string, unknown>>({});
  const actions = shallowRef<Action[]>([]);
  const levels = shallowRef<Record<string, Level>>({});
  const saving = ref(false);
  const messages = shallowRef<Record<string, string[]>>({});
  const general = shallowRef<Finding[]>([]);
  const clash = shallowRef<Clash | null>(null);
  const touched = shallowReactive(new Set<string>());
  const asked = ref(false);
  const judged = shallowReactive(new Set<string>());

  let loading: AbortController | null = null;
  let commandId = newId();

  const fields = computed(() =>
    entity().fields.map((field) => {
      const level = levels.value[field.key] ?? levels.value[field.id] ?? field.level;
      return level === field.level ? field : { ...field, level };
    }),
  );
  const byKey = computed(() => new Map(fields.value.flatMap((field) => [[field.key, field] as const, [field.id, field] as const])));
  const writable = computed(() => fields.value.filter((field) => field.level === "write" && !fieldType(field.type).computed));

  const toForm = (field: FieldMeta, json: Json | undefined): unknown =>
    field.level === "masked" ? json : fieldType(field.type).fromApi(json, field);
  const toApi = (field: FieldMeta): Json => fieldType(field.type).toApi(values[field.key], field);

  const changes = computed<Values>(() => {
    const changed: Values = {};
    for (const field of writable.value) {
      const ui = fieldType(field.type);
      if (!(field.key in values)) continue;
      if (!ui.equal(values[field.key], ui.fromApi(base.value[field.key], field))) changed[field.key] = toApi(field);
    }
    return changed;
  });
  const dirty = computed(() => Object.keys(changes.value).length > 0);

  function put(next: Values): void {
    for (const key of Object.keys(values)) if (!byKey.value.has(key)) delete values[key];
    for (const field of fields.value) values[field.key] = toForm(field, next[field.key]);
  }

  function clearFindings(): void {
    messages.value = {};
    general.value = [];
    clash.value = null;
    error.value = null;
    touched.clear();
    judged.clear();
    asked.value = false;
  }

  function show(view: RecordView): void {
    id.value = view.record.id;
    rev.value = view.record.rev;
    if (view.levels) levels.value = view.levels;
    if (view.actions) actions.value = view.actions;
    base.value = view.record.values;
    faults.value = view.record.errors ?? {};
    labels.value = mergeLabels(labels.value, view.labels);
    put(view.record.values);
    clearFindings();
    commandId = newId();
    phase.value = "ready";
  }

  async function load(recordId: string): Promise<void> {
    loading?.abort();
    const control = new AbortController();
    loading = control;
    if (id.value !== recordId) phase.value = "loading";
    error.value = null;
    try {
      show(await getRecord(app(), entity().key, recordId, control.signal));
    } catch (problem) {
      if (isAbort(problem)) return;
      error.value = problem;
      phase.value = problem instanceof ProblemError && problem.notFound ? "missing" : "failed";
    }
  }

  function begin(prefill: Values = {}): void {
    loading?.abort();
    id.value = null;
    rev.value = 0;
    levels.value = {};
    actions.value = [];
    const start: Values = {};
    for (const field of fields.value) {
      const given = prefill[field.key] ?? field.default;
      values[field.key] = field.level === "write" && given != null ? toForm(field, given) : fieldType(field.type).empty(field);
      start[field.key] = toApi(field);
    }
    base.value = start;
    clearFindings();
    commandId = newId();
    phase.value = "ready";
  }

  /** A changed field is no longer what the server complained about. */
  function forget(key: string): void {
    const left = Object.entries(messages.value).filter(([place]) => place !== key && !place.startsWith(`${key}/`));
    if (left.length !== Object.keys(messages.value).length) messages.value = Object.fromEntries(left);
  }

  function failed(problem: unknown): SaveOutcome {
    if (!(problem instanceof ProblemError)) throw problem;
    if (problem.stale && problem.conflict) {
      const clashing = Object.entries(problem.conflict.fields).flatMap(([key, both]) => {
        const field = byKey.value.get(key);
        return field ? [{ field, mine: both.mine, theirs: both.theirs, base: both.base }] : [];
      });
      clash.value = { rev: problem.conflict.rev, fields: clashing };
      return "conflict";
    }
    if (problem.findings.length) {
      const { placed, general: rest } = placeFindings(problem.findings, (key) => byKey.value.has(key));
      messages.value = messagesOf(placed);
      general.value = rest;
      return "invalid";
    }
    error.value = problem;
    return "failed";
  }

  async function send(changed: Values, against: number): Promise<SaveOutcome> {
    saving.value = true;
    error.value = null;
    messages.value = {};
    general.value = [];
    try {
      show(
        id.value
          ? await updateRecord(app(), entity().key, id.value, against, changed)
          : await createRecord(app(), entity().key, changed, commandId),
      );
      return "saved";
    } catch (problem) {
      return failed(problem);
    } finally {
      saving.value = false;
    }
  }

  const complaint = (field: FieldMeta): string | null => checkField(field, values[field.key], ctx);

  return {
    phase,
    error,
    id,
    rev,
    base,
    faults,
    values,
    actions,
    saving,
    fields,
    messages,
    general,
    clash,
    changes,
    dirty,
    field: (key) => byKey.value.get(key),
    complaintOf(field) {
      if (field.level !== "write" || fieldType(field.type).computed) return null;
      // While typing only what is there is judged; that something is missing is said on save.
      if (asked.value || judged.has(field.key)) return complaint(field);
      return touched.has(field.key) && !fieldType(field.type).blank(values[field.key]) ? complaint(field) : null;
    },
    load,
    begin,
    show,
    set(key, value) {
      values[key] = value;
      forget(key);
    },
    touch: (key) => void touched.add(key),
    judge(keys) {
      for (const key of keys) judged.add(key);
      return writable.value.filter((field) => keys.includes(field.key) && complaint(field) !== null).map((field) => field.key);
    },
    reset() {
      put(base.value);
      clearFindings();
    },
    adopt(next, from, fromRev, names) {
      base.value = from;
      rev.value = fromRev;
      labels.value = mergeLabels(labels.value, names);
      put({ ...from, ...next });
    },
    async save() {
      if (saving.value) return "failed";
      asked.value = true;
      general.value = [];
      if (writable.value.some((field) => complaint(field) !== null)) return "invalid";
      if (id.value && !dirty.value) return "unchanged";
      if (id.value) return send(changes.value, rev.value);
      // A new record sends all that is filled in, defaults too: what was seen is what is stored.
      const filled = writable.value.filter((field) => !fieldType(field.type).blank(values[field.key]) || field.key in changes.value);
      return send(Object.fromEntries(filled.map((field) => [field.key, toApi(field)])), 0);
    },
    async merge(chosen) {
      const both = clash.value;
      if (!both || !id.value) return "unchanged";
      base.value = { ...base.value, ...Object.fromEntries(both.fields.map((item) => [item.field.key, item.theirs])) };
      rev.value = both.rev;
      for (const { field } of both.fields) {
        if (field.key in chosen) values[field.key] = toForm(field, chosen[field.key]);
      }
      clash.value = null;
      if (dirty.value) return send(changes.value, rev.value);
      await load(id.value);
      return "saved";
    },
  };
}
