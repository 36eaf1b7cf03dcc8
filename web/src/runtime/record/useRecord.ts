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
import { mergeRecord, type ClashItem } from "./merge";

export type Phase = "loading" | "ready" | "missing" | "failed";

/** Somebody else saved first, and some places were changed by both. */
export interface Clash {
  /** The record as it is stored now. */
  latest: RecordView;
  items: ClashItem[];
  /** My changes with theirs worked in, apart from the items. */
  values: Values;
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
  /** Fields somebody else changed meanwhile that were taken over with the last save. */
  taken: ShallowRef<FieldMeta[]>;
  /** Save over what somebody else saved: a value for each place both changed, by the id of the item. */
  merge: (chosen: Values) => Promise<SaveOutcome>;
}

/** A record that many change at once is merged again as often as this, then its person is told. */
const MERGES = 3;

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
  const taken = shallowRef<FieldMeta[]>([]);
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
    if (problem.findings.length) {
      const { placed, general: rest } = placeFindings(problem.findings, (key) => byKey.value.has(key));
      messages.value = messagesOf(placed);
      general.value = rest;
      return "invalid";
    }
    error.value = problem;
    return "failed";
  }

  const sent = (changed: Values, against: number): Promise<RecordView> =>
    id.value
      ? updateRecord(app(), entity().key, id.value, against, changed)
      : createRecord(app(), entity().key, changed, commandId);

  /** What is stored now and my changes, worked into one; asks nobody when the two do not touch. */
  async function worked(changed: Values): Promise<Clash> {
    const latest = await getRecord(app(), entity().key, id.value!);
    const merged = mergeRecord({
      fields: fields.value,
      columns: (field) => ctx.fields(String(field.options?.entity ?? "")),
      base: base.value,
      mine: changed,
      theirs: latest.record.values,
    });
    taken.value = merged.taken;
    return { latest, items: merged.clashes, values: merged.values };
  }

  /** Show what is stored now with my changes over it; from here on they are changes of that. */
  function rebase(latest: RecordView, mine: Values): void {
    base.value = latest.record.values;
    rev.value = latest.record.rev;
    faults.value = latest.record.errors ?? {};
    labels.value = mergeLabels(labels.value, latest.labels);
    put({ ...latest.record.values, ...mine });
  }

  async function attempt(changed: Values, against: number, left: number): Promise<SaveOutcome> {
    try {
      show(await sent(changed, against));
      return "saved";
    } catch (problem) {
      if (!(problem instanceof ProblemError) || !problem.stale || !id.value || left <= 0) return failed(problem);
      const both = await worked(changed);
      if (both.items.length) {
        clash.value = both;
        return "conflict";
      }
      rebase(both.latest, both.values);
      return Object.keys(both.values).length ? attempt(both.values, rev.value, left - 1) : "saved";
    }
  }

  async function send(changed: Values, against: number): Promise<SaveOutcome> {
    saving.value = true;
    error.value = null;
    messages.value = {};
    general.value = [];
    taken.value = [];
    try {
      return await attempt(changed, against, MERGES);
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
    taken,
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
      const merged = { ...both.values };
      for (const item of both.items) if (item.id in chosen) item.settle(merged, chosen[item.id] ?? null);
      rebase(both.latest, merged);
      clash.value = null;
      if (dirty.value) return send(changes.value, rev.value);
      show(both.latest);
      return "saved";
    },
  };
}
