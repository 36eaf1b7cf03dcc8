import { onScopeDispose, ref, shallowReactive, shallowRef, type Ref, type ShallowRef } from "vue";

import { formParts } from "@/api/forms";
import type { AppModel, EntityModel } from "@/api/metadata";
import { isAbort, ProblemError } from "@/api/problem";
import { findCandidates, getSurroundings, settleRecord } from "@/api/rules";
import type { FieldMeta, Json, LookupItem, Values } from "@/api/types";
import type { Surroundings } from "@/expr/env";
import type { FieldContext } from "@/fields/contract";
import { checkField, fieldType } from "@/fields/registry";
import { say, t } from "@/i18n";
import type { RecordState, RuledField, RuledForm, RuleFinding, Rules, Touched } from "@/rules/types";

import { NO_RULES, type FormRules } from "./form/surface";
import { findingText } from "./ruleWords";

const QUIET_MS = 350;

export interface RuleStart {
  /** Fields with the level they have in this very record. */
  fields: readonly FieldMeta[];
  /** The stored record, null for a new one. */
  base: Values | null;
  prefill: Values;
}

/** The rules of the record on the screen, mirrored so that only what a change touches is drawn again. */
export interface RulesDesk extends FormRules {
  /** Fetch what evaluates rules, when this entity has some. */
  load: () => Promise<void>;
  /** Begin with a record; without rules nothing happens. */
  start: (given: RuleStart) => void;
  on: () => boolean;
  /** A person enters a value; the keys whose values or looks follow. */
  enter: (key: string, value: Json) => ReadonlySet<string>;
  /** What a field holds now, people's and the rules' doing together. */
  value: (key: string) => Json | undefined;
  fault: (key: string) => string | undefined;
  /** A row of a sub-table as the rules have it. */
  row: (field: FieldMeta, index: number) => RecordState | undefined;
  narrowed: (key: string) => boolean;
  candidates: (field: FieldMeta, q: string, limit: number, signal?: AbortSignal) => Promise<{ items: LookupItem[] }>;
  /** What stops saving, by place (`amount`, `items/2/price`; empty for the whole record). */
  blocks: Readonly<Record<string, readonly string[]>>;
  /** Rules that want a reason, by rule. */
  warnings: ShallowRef<readonly RuleFinding[]>;
  /** What `fix` rules will change on saving. */
  fixes: ShallowRef<readonly RuleFinding[]>;
  reasons: Record<string, string>;
  /** Make the changes of `fix` rules now; the keys that follow. */
  mend: () => ReadonlySet<string>;
  entered: () => Values;
  /** What came and went last, for those who cannot see it. */
  news: Ref<string>;
}

const NONE: ReadonlySet<string> = new Set();

const asked = new Map<string, Promise<Surroundings>>();

/** Asked once for an application; a failure is asked again. */
function surroundingsOf(app: string): Promise<Surroundings> {
  const known = asked.get(app) ?? getSurroundings(app);
  asked.set(app, known);
  known.catch(() => asked.delete(app));
  return known;
}

export interface RulesPlace {
  /** Nobody to ask: what only the server evaluates is judged when the form is sent. */
  alone?: boolean;
  app: () => AppModel;
  entity: () => EntityModel;
  ctx: FieldContext;
  /** Values and looks of these changed by themselves (an answer of the server). */
  follow: (keys: ReadonlySet<string>) => void;
}

export function useRules(place: RulesPlace): RulesDesk {
  let create: typeof import("@/rules").createRules | null = null;
  let around: Surroundings | null = null;
  let rules: Rules | null = null;
  let fields = new Map<string, FieldMeta>();
  let conditional: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | null = null;

  const live = ref(false);
  const hidden = shallowReactive(new Set<string>());
  const required = shallowReactive(new Set<string>());
  const locked = shallowReactive(new Set<string>());
  const options = shallowReactive(new Map<string, ReadonlySet<string>>());
  const blocks = shallowReactive<Record<string, readonly string[]>>({});
  const ticks = shallowReactive<Record<string, number>>({});
  const warnings = shallowRef<readonly RuleFinding[]>([]);
  const fixes = shallowRef<readonly RuleFinding[]>([]);
  const reasons = shallowReactive<Record<string, string>>({});
  const news = ref("");

  const keyOf = (finding: RuleFinding): string => finding.place.split("/")[1] ?? "";

  /** The field a finding is about; inside a sub-table the column. */
  function fieldOf(finding: RuleFinding): FieldMeta | undefined {
    const [, key, row, column] = finding.place.split("/");
    const field = fields.get(key ?? "");
    return row === undefined ? field : place.ctx.fields(String(field?.options?.entity ?? "")).find((one) => one.key === column);
  }

  /** Rules judge no value its own type complains about; rows complain one by one. */
  function refuses(field: RuledField, value: Json): boolean {
    if (field.type === "subtable") return false;
    const meta = { ...(field as FieldMeta), required: false };
    return checkField(meta, fieldType(field.type).fromApi(value, meta), place.ctx) !== null;
  }

  function mark(set: Set<string>, key: string, on: boolean): void {
    if (on !== set.has(key)) {
      if (on) set.add(key);
      else set.delete(key);
    }
  }

  /** What is said of each place, changed only where the words change. */
  function tell(): void {
    const found = rules!.findings();
    const texts: Record<string, string[]> = {};
    for (const finding of found) {
      if (finding.severity === "block") (texts[finding.place.slice(1)] ??= []).push(findingText(finding, fieldOf(finding), place.ctx));
    }
    for (const at of Object.keys(blocks)) if (!(at in texts)) delete blocks[at];
    for (const [at, list] of Object.entries(texts)) if (blocks[at]?.join("\n") !== list.join("\n")) blocks[at] = list;
    const few = (severity: string, before: readonly RuleFinding[]): readonly RuleFinding[] => {
      const now = found.filter((finding) => finding.severity === severity);
      return now.length || before.length ? now : before;
    };
    warnings.value = few("warn", warnings.value);
    fixes.value = few("fix", fixes.value);
  }

  function look(keys: Iterable<string>, quiet: boolean): void {
    const [came, went]: [string[], string[]] = [[], []];
    for (const key of keys) {
      const gone = !rules!.shown(key);
      const name = say(fields.get(key)?.label);
      if (gone !== hidden.has(key) && name) (gone ? went : came).push(name);
      mark(hidden, key, gone);
      mark(required, key, rules!.required(key));
      mark(locked, key, rules!.locked(key));
      const choices = rules!.choices(key);
      if (!choices) options.delete(key);
      else if ([...(options.get(key) ?? [])].join() !== choices.join()) options.set(key, new Set(choices));
    }
    for (const id of conditional) mark(hidden, id, !rules!.shown(id));
    if (quiet || !(came.length || went.length)) return;
    const comma = t("form.comma");
    news.value = [came.length ? t("form.came", { names: came.join(comma) }) : "", went.length ? t("form.went", { names: went.join(comma) }) : ""].join(" ").trim();
  }

  function touch(touched: Touched): ReadonlySet<string> {
    look(touched.keys, false);
    for (const key of touched.rows.keys()) ticks[key] = (ticks[key] ?? 0) + 1;
    tell();
    later();
    return touched.keys;
  }

  function later(): void {
    clearTimeout(timer);
    if (!place.alone && rules?.ask()) timer = setTimeout(() => void ask(), QUIET_MS);
  }

  /** Ask the server what only it knows. Without an answer the form goes on: saving asks again, and has the last word. */
  async function ask(): Promise<void> {
    const current = rules;
    const question = current?.ask();
    if (!current || !question) return;
    asking?.abort();
    asking = new AbortController();
    try {
      const settled = await settleRecord(place.app().key, place.entity().key, question, asking.signal);
      if (current === rules) place.follow(touch(current.answer(settled)));
    } catch (problem) {
      if (!isAbort(problem) && !(problem instanceof ProblemError)) throw problem;
    }
  }

  onScopeDispose(() => {
    clearTimeout(timer);
    asking?.abort();
  });

  return {
    blocks,
    warnings,
    fixes,
    reasons,
    news,
    on: () => live.value,
    async load() {
      if (!place.entity().meta.rules) return;
      const [part, surroundings] = await Promise.all([import("@/rules"), place.alone ? { now: new Date().toISOString() } : surroundingsOf(place.app().key)]);
      create = part.createRules;
      around = surroundings;
    },
    start(given) {
      clearTimeout(timer);
      asking?.abort();
      const { meta } = place.entity();
      rules = null;
      live.value = false;
      for (const set of [hidden, required, locked, options]) set.clear();
      for (const record of [blocks, reasons]) for (const key of Object.keys(record)) delete record[key];
      [warnings.value, fixes.value, news.value] = [[], [], ""];
      if (!create || !around || !meta.rules) return;
      fields = new Map(given.fields.map((field) => [field.key, field]));
      conditional = formParts(meta.form).flatMap((item) => (item.when !== undefined && item.kind !== "field" ? [item.id] : []));
      rules = create({
        entity: { ...meta, fields: given.fields },
        form: meta.form as RuledForm,
        entityOf: (key) => place.app().entity(key)?.meta,
        around,
        base: given.base,
        prefill: given.prefill,
        unknown: new Set(given.fields.filter((field) => field.level === "hidden" || field.level === "masked").map((field) => field.key)),
        refuses,
      });
      look(fields.keys(), true);
      tell();
      live.value = true;
      later();
    },
    enter: (key, value) => (rules ? touch(rules.set(key, value)) : NONE),
    value: (key) => rules?.state.values[key],
    fault: (key) => rules?.state.faults[key],
    row(field, index) {
      void ticks[field.key];
      return rules?.row(field.key, index);
    },
    narrowed: (key) => rules?.narrowed(key) ?? false,
    candidates(field, q, limit, signal) {
      const { app, entity } = place;
      const id = rules?.state.values.id;
      const question = { field: field.key, ...(id ? { id: String(id) } : {}), form: entity().meta.form.id, values: rules?.entered() ?? {}, q, limit };
      return findCandidates(app().key, entity().key, question, signal);
    },
    mend: () => (rules && fixes.value.length ? touch(rules.mend()) : NONE),
    entered: () => rules?.entered() ?? {},
    shown: (id) => !live.value || !hidden.has(id),
    required: (field) => (live.value ? required.has(field.key) : NO_RULES.required(field)),
    locked: (field) => live.value && locked.has(field.key),
    options: (field) => (live.value ? (options.get(field.key) ?? null) : null),
    hint(field) {
      const about = (finding: RuleFinding) => keyOf(finding) === field.key && finding.place.split("/").length === 2;
      const warning = warnings.value.find(about);
      if (warning) return { tone: "warn", text: findingText(warning, field, place.ctx) };
      const fix = fixes.value.find(about);
      return fix ? { tone: "info", text: t("form.willMend", { text: findingText(fix, field, place.ctx) }) } : undefined;
    },
  };
}

const PICKED = 20;

/** Pickers of the record offer only what its rules allow now; those inside sub-tables are narrowed by the server on saving. */
export function narrowPickers(ctx: FieldContext, rules: RulesDesk, entity: () => EntityModel): void {
  const every = ctx.lookup;
  ctx.lookup = async (field, query, signal) => {
    if (entity().field(field.key)?.id !== field.id || !rules.narrowed(field.key)) return every(field, query, signal);
    const { items } = await rules.candidates(field, query, PICKED, signal);
    return items.map((item) => ({ value: item.id, label: item.title, hint: item.sub || undefined }));
  };
}
