import { computed, ref, shallowReactive, shallowRef } from "vue";

import { newId } from "@/api/ids";
import { ProblemError, isAbort } from "@/api/problem";
import { createRecord, getRecord, updateRecord, type Manner } from "@/api/records";
import type { Action, FieldMeta, Finding, Json, Level, RecordView, Values } from "@/api/types";
import { checkField, fieldType } from "@/fields/registry";

import { mergeLabels } from "../shared/labels";
import { messagesOf, placeFindings } from "./findings";
import type { Clash, Phase, RecordEditor, RecordPlace, SaveOutcome } from "./recordEditor";

export type { Clash, RecordEditor } from "./recordEditor";

/** A record that many change at once is merged again as often as this, then its person is told. */
const MERGES = 3;

/** One record being read or edited: what is stored, what the person has changed, and what is wrong with it. */
export function useRecord({ app, entity, ctx, labels, rules }: RecordPlace): RecordEditor {
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
  /** Rules the server wants a reason for, beyond those the browser knows of. */
  const wanted = shallowRef<Finding[]>([]);
  const originals = shallowRef<Record<string, string>>({});
  const notices = shallowRef<Finding[]>([]);
  const touched = shallowReactive(new Set<string>());
  const asked = ref(false);
  /** Counts what people and rules do to the values: cheaper to watch than the values. */
  const version = ref(0);
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
    // What the rules give is not the person's doing, and what they hide is not there.
    const entered = rules?.on() && version.value >= 0 ? rules.entered() : null;
    for (const field of writable.value) {
      const ui = fieldType(field.type);
      if (!(field.key in values) || (entered && !(field.key in entered))) continue;
      if (!ui.equal(values[field.key], ui.fromApi(base.value[field.key], field))) changed[field.key] = toApi(field);
    }
    return changed;
  });
  const dirty = computed(() => Object.keys(changes.value).length > 0);

  function put(next: Values): void {
    for (const key of Object.keys(values)) if (!byKey.value.has(key)) delete values[key];
    for (const field of fields.value) values[field.key] = toForm(field, next[field.key]);
  }

  /** Take over what the rules made of other fields. */
  function follow(keys: ReadonlySet<string>, except = ""): void {
    if (!rules?.on()) return;
    version.value += 1;
    for (const key of keys) {
      const field = byKey.value.get(key);
      if (!field || key === except || field.type === "subtable" || field.level === "masked" || field.level === "hidden") continue;
      const ui = fieldType(field.type);
      const next = ui.fromApi(rules.value(key), field);
      if (!ui.equal(values[key], next)) values[key] = next;
      const fault = rules.fault(key);
      if (fault !== faults.value[key]) faults.value = Object.fromEntries(Object.entries({ ...faults.value, [key]: fault ?? "" }).filter(([, code]) => code));
    }
  }

  /** The rules begin with what is stored, or with what a new record starts with, and what is typed over it. */
  function govern(prefill: Values): void {
    if (!rules) return;
    const stored = id.value ? { ...base.value, id: id.value } : null;
    rules.start({ fields: fields.value, base: stored, prefill });
    if (rules.on()) follow(new Set(fields.value.map((field) => field.key)));
  }

  function enter(key: string): void {
    const field = byKey.value.get(key);
    version.value += 1;
    if (rules?.on() && field?.level === "write") follow(rules.enter(key, toApi(field)), key);
  }

  /** Values over what they changed, typed in again so that the rules follow. */
  function lay(from: Values, over: Values): void {
    put(from);
    govern({});
    for (const [key, json] of Object.entries(over)) {
      const field = byKey.value.get(key);
      if (!field) continue;
      values[key] = toForm(field, json);
      enter(key);
    }
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
    originals.value = view.record.originals ?? {};
    notices.value = view.notices ?? [];
    labels.value = mergeLabels(labels.value, view.labels);
    put(view.record.values);
    govern({});
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
    govern(prefill);
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
    wanted.value = problem.findings.filter((finding) => finding.rule && finding.severity === "warning");
    if (problem.findings.length) {
      const { placed, general: rest } = placeFindings(problem.findings.filter((finding) => !wanted.value.includes(finding)), (key) => byKey.value.has(key));
      messages.value = messagesOf(placed);
      general.value = rest;
      return "invalid";
    }
    error.value = problem;
    return "failed";
  }

  /** With rules the server is told through which form: its places say what is there. */
  function manner(): Manner {
    const reasons = Object.fromEntries(Object.entries(rules?.reasons ?? {}).filter(([, text]) => text.trim()));
    return { form: rules?.on() ? entity().meta.form.id : undefined, reasons };
  }

  /** Rows go without the cells that rules hide or fill. */
  function outgoing(changed: Values): Values {
    if (!rules?.on()) return changed;
    const entered = rules.entered();
    return Object.fromEntries(Object.entries(changed).map(([key, json]) => [key, byKey.value.get(key)?.type === "subtable" ? (entered[key] ?? json) : json]));
  }

  const sent = (changed: Values, against: number): Promise<RecordView> =>
    id.value
      ? updateRecord(app(), entity().key, id.value, against, outgoing(changed), manner())
      : createRecord(app(), entity().key, outgoing(changed), commandId, manner());

  /** What is stored now and my changes, worked into one; asks nobody when the two do not touch. */
  async function worked(changed: Values): Promise<Clash> {
    const [latest, { mergeRecord }] = await Promise.all([getRecord(app(), entity().key, id.value!), import("./merge")]);
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
    lay(latest.record.values, mine);
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

  function complaint(field: FieldMeta): string | null {
    if (!rules?.on()) return checkField(field, values[field.key], ctx);
    if (!rules.shown(field.key)) return null;
    return checkField({ ...field, required: false }, values[field.key], ctx) ?? rules.blocks[field.key]?.join("\n") ?? null;
  }

  /** Findings of the rules inside sub-tables and about the whole record, once they are asked for. */
  const ruled = computed<Record<string, string[]>>(() => {
    const found: Record<string, string[]> = {};
    for (const [place, texts] of Object.entries(rules?.blocks ?? {})) {
      const key = place.split("/")[0] ?? "";
      if ((place === "" || place.includes("/")) && (asked.value || judged.has(key) || touched.has(key))) found[place] = [...texts];
    }
    return found;
  });
  const told = computed(() => ({ ...messages.value, ...ruled.value }));
  const unreasoned = (): boolean => [...(rules?.warnings.value ?? []), ...wanted.value].some((finding) => finding.rule && !rules?.reasons[finding.rule]?.trim());

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
    messages: told,
    general,
    wanted,
    originals,
    notices,
    asked,
    version,
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
      enter(key);
      forget(key);
    },
    follow,
    touch: (key) => void touched.add(key),
    judge(keys) {
      for (const key of keys) judged.add(key);
      return writable.value.filter((field) => keys.includes(field.key) && complaint(field) !== null).map((field) => field.key);
    },
    reset() {
      put(base.value);
      govern({});
      clearFindings();
    },
    adopt(next, from, fromRev, names) {
      base.value = from;
      rev.value = fromRev;
      labels.value = mergeLabels(labels.value, names);
      lay(from, next);
    },
    async save() {
      if (saving.value) return "failed";
      asked.value = true;
      general.value = [];
      if (writable.value.some((field) => complaint(field) !== null) || Object.keys(ruled.value).length) return "invalid";
      if (unreasoned()) return "invalid";
      if (id.value && !dirty.value) return "unchanged";
      if (id.value) return send(changes.value, rev.value);
      // A new record sends all that is filled in, defaults too: what was seen is what is stored.
      const entered = rules?.on() ? rules.entered() : null;
      const filled = entered
        ? writable.value.filter((field) => field.key in entered)
        : writable.value.filter((field) => !fieldType(field.type).blank(values[field.key]) || field.key in changes.value);
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
