import { computed, ref, shallowReactive, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { AppModel, type EntityModel } from "@/api/metadata";
import { ProblemError } from "@/api/problem";
import type { FieldMeta, Json, Labels, Values } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import { checkField, fieldType } from "@/fields/registry";
import { say, t } from "@/i18n";
import type { FormError } from "@/kit/types";
import { loadRegions } from "@/fields/regions";
import { messagesOf, placeFindings } from "@/runtime/record/findings";
import { loadControls } from "@/runtime/record/form/needs";
import { useRules, type RulesDesk } from "@/runtime/record/useRules";
import { labelKind, mergeLabels } from "@/runtime/shared/labels";
import { problemText } from "@/runtime/shared/problems";

import { findChoices, openForm, sendAnswer, sendFile, type OpenForm, type Thanks } from "./calls";

export interface PublicForm {
  entity: ShallowRef<EntityModel | null>;
  /** The questions are there. */
  ready: Ref<boolean>;
  values: Record<string, unknown>;
  ctx: FieldContext;
  rules: RulesDesk;
  messages: ShallowRef<Record<string, string[]>>;
  errors: ShallowRef<FormError[]>;
  sending: Ref<boolean>;
  thanks: ShallowRef<Thanks | null>;
  problem: Ref<string>;
  fields: ComputedRef<FieldMeta[]>;
  field: (key: string) => FieldMeta | undefined;
  complaintOf: (field: FieldMeta) => string | null;
  open: (password: string) => Promise<boolean>;
  set: (key: string, value: unknown) => void;
  touch: (key: string) => void;
  judge: (keys: string[]) => string[];
  send: (website: string) => Promise<void>;
}

/** A form somebody outside fills in: opened once, sent once, however often the button is pressed. */
export function usePublicForm(): PublicForm {
  const opened = shallowRef<OpenForm | null>(null);
  const app = shallowRef<AppModel | null>(null);
  const entity = shallowRef<EntityModel | null>(null);
  const values = shallowReactive<Record<string, unknown>>({});
  const labels = shallowRef<Labels>({});
  const messages = shallowRef<Record<string, string[]>>({});
  const errors = shallowRef<FormError[]>([]);
  const judged = shallowReactive(new Set<string>());
  const sending = ref(false);
  const ready = ref(false);
  const problem = ref("");
  const thanks = shallowRef<Thanks | null>(null);

  const kindOf = (field: FieldMeta): string | undefined => (app.value ? labelKind(app.value, field) || `link:${field.key}` : undefined);
  const ctx: FieldContext = {
    get app() {
      return app.value?.key ?? "";
    },
    get zone() {
      return opened.value?.zone ?? "Asia/Shanghai";
    },
    async lookup(field, query, signal) {
      if (!opened.value?.pickers.includes(field.key)) return [];
      const { items } = await findChoices(opened.value.page, field.key, query, signal);
      return items.map((item) => ({ value: item.id, label: item.title }));
    },
    label: (field, id) => labels.value[kindOf(field) ?? ""]?.[id],
    remember(field, options) {
      const kind = kindOf(field);
      if (kind) labels.value = mergeLabels(labels.value, { [kind]: Object.fromEntries(options.map((option) => [option.value, option.label])) });
    },
    href: () => undefined,
    suggest: async () => [],
    async upload(field, file, control) {
      try {
        return await sendFile(opened.value!.page, field.key, file, control);
      } catch (failed) {
        if (control.signal.aborted) throw failed;
        throw new Error(problemText(failed));
      }
    },
    fileHref: () => "",
    pictureHref: () => "",
    regions: loadRegions,
    fields: (name, system = false) => app.value?.entity(name)?.fields.filter((field) => system || !field.system) ?? [],
  };
  const rules = useRules({ alone: true, app: () => app.value!, entity: () => entity.value!, ctx, follow: (keys) => follow(keys) });

  const fields = computed(() => {
    const locked = new Set(opened.value?.locked);
    return (entity.value?.fields ?? []).map((field) => (locked.has(field.key) ? { ...field, level: "read" as const } : field));
  });
  const field = (key: string): FieldMeta | undefined => fields.value.find((one) => one.key === key);

  function follow(keys: ReadonlySet<string>): void {
    for (const key of keys) {
      const one = field(key);
      if (one) values[key] = fieldType(one.type).fromApi(rules.value(key), one);
    }
  }

  async function open(password: string): Promise<boolean> {
    try {
      const found = await openForm(password);
      opened.value = found;
      app.value = new AppModel(found.app);
      const opening = app.value.entity(found.entity) ?? null;
      entity.value = opening;
      await Promise.all([rules.load(), opening ? loadControls(app.value, opening) : undefined]);
      begin(found.values);
      ready.value = true;
      return true;
    } catch (failed) {
      problem.value = problemText(failed);
      return false;
    }
  }

  function begin(prefill: Values): void {
    for (const one of fields.value) {
      const start: Json | undefined = prefill[one.key] ?? one.default;
      values[one.key] = start === undefined ? fieldType(one.type).empty(one) : fieldType(one.type).fromApi(start, one);
    }
    rules.start({ fields: fields.value, base: null, prefill });
    if (rules.on()) follow(new Set(fields.value.map((one) => one.key)));
  }

  const complaintOf = (one: FieldMeta): string | null =>
    judged.has(one.key) && rules.shown(one.key) ? checkField({ ...one, required: rules.required(one) }, values[one.key], ctx) : null;

  function set(key: string, value: unknown): void {
    values[key] = value;
    const one = field(key);
    const { [key]: _gone, ...rest } = messages.value;
    messages.value = Object.fromEntries(Object.entries(rest).filter(([place]) => !place.startsWith(`${key}/`)));
    if (one && rules.on()) follow(rules.enter(key, fieldType(one.type).toApi(value, one)));
  }

  const touch = (key: string): void => {
    const one = field(key);
    if (one && !fieldType(one.type).blank(values[key])) judged.add(key);
  };

  function judge(keys: string[]): string[] {
    for (const key of keys) judged.add(key);
    return keys.filter((key) => complaintOf(field(key)!) !== null);
  }

  /** All that is wrong, in the order of the form. */
  function list(): FormError[] {
    const found: FormError[] = [];
    for (const one of fields.value) {
      const text = complaintOf(one) ?? messages.value[one.key]?.join("\n");
      const below = Object.entries(messages.value).filter(([place]) => place.startsWith(`${one.key}/`));
      for (const said of [...(text ? [text] : []), ...below.flatMap(([, texts]) => texts)]) {
        const name = say(one.label);
        found.push({ id: `f-${one.key}`, text: said.includes(name) ? said : t("record.errorAt", { at: name, text: said }) });
      }
    }
    return found;
  }

  async function send(website: string): Promise<void> {
    if (sending.value || !opened.value) return;
    judge(fields.value.filter((one) => one.level === "write" && rules.shown(one.key)).map((one) => one.key));
    errors.value = list();
    problem.value = "";
    if (errors.value.length) return;
    sending.value = true;
    try {
      const sent: Values = {};
      for (const one of fields.value) {
        const ui = fieldType(one.type);
        if (one.level !== "write" || ui.computed || !rules.shown(one.key) || ui.blank(values[one.key])) continue;
        sent[one.key] = ui.toApi(values[one.key], one);
      }
      thanks.value = await sendAnswer(opened.value.page, sent, website);
    } catch (failed) {
      refused(failed);
    } finally {
      sending.value = false;
    }
  }

  function refused(failed: unknown): void {
    const findings = failed instanceof ProblemError ? failed.findings : [];
    const { placed, general } = placeFindings(findings, (key) => field(key) !== undefined);
    messages.value = messagesOf(placed);
    errors.value = [...list(), ...general.map((finding) => ({ id: "public-form", text: finding.text }))];
    if (!errors.value.length) problem.value = problemText(failed);
  }

  return { entity, ready, values, ctx, rules, messages, errors, sending, thanks, problem, fields, field, complaintOf, open, set, touch, judge, send };
}
