import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";
import type { FieldMeta, Json, RecordQuery, RecordRow } from "@/api/types";
import { optionOf } from "@/fields/options";
import { textOf } from "@/fields/registry";
import { isResult } from "@/fields/results";
import { t } from "@/i18n";
import { TONES, type Tone } from "@/kit/types";

import { cardKeys } from "../list/columns";
import { viewKind, type ViewHost } from "../list/viewKinds";

/** What every kind of view needs of its host: the fields that play its parts, what to ask for, how a record is named. */
export interface ViewFields {
  /** Field of a part; undefined when none was chosen or it is hidden. */
  part: (name: string) => FieldMeta | undefined;
  /** Labels of the required parts nobody plays, and whether they are hidden from this person. */
  missing: ComputedRef<{ name: string; hidden: boolean }[]>;
  /** Keys a card shows besides its title. */
  cardKeys: ComputedRef<string[]>;
  question: (more?: string[]) => RecordQuery;
  title: (row: RecordRow) => string;
  text: (key: string, row: RecordRow) => string;
  /** Tone of a record: the first rule of colours it meets, else its colour part. */
  tone: (row: RecordRow) => Tone | undefined;
  /** May this person change these fields at all? */
  writable: (...fields: (FieldMeta | undefined)[]) => boolean;
  option: <T extends Json>(name: string, otherwise: T) => T;
}

export function useView(host: ViewHost): ViewFields {
  const kind = computed(() => viewKind(host.view?.kind));
  const part = (name: string): FieldMeta | undefined => {
    const key = host.view?.parts[name];
    return key ? host.entity.field(key) : undefined;
  };
  const keys = computed(() => {
    const chosen = host.view?.card.length ? cardKeys(host.entity, host.view, host.columns) : host.columns.slice(0, 5);
    return chosen.filter((key) => key !== host.entity.titleKey && host.entity.field(key));
  });
  return {
    part,
    missing: computed(() =>
      kind.value.parts
        .filter((one) => one.required && !part(one.name))
        .map((one) => ({ name: t(one.label), hidden: !host.view?.editable || host.view.parts[one.name] !== undefined })),
    ),
    cardKeys: keys,
    question: (more = []) => ({
      fields: [...new Set([host.entity.titleKey || "id", ...keys.value, ...(part("color") ? [part("color")!.key] : []), ...more])],
      filter: host.query.filter.value,
      sort: host.query.sort.value,
      search: host.query.search.value,
      marks: (host.view?.colors ?? []).filter((colour) => !colour.field).map((colour) => colour.filter),
    }),
    title(row) {
      const field = host.entity.field(host.entity.titleKey);
      return (field && textOf(field, row.values[field.key], host.ctx)) || t("record.untitled");
    },
    text(key, row) {
      const field = host.entity.field(key);
      return field ? textOf(field, row.values[key], host.ctx) : "";
    },
    tone(row) {
      const marked = host.view?.colors.filter((colour) => !colour.field)[row.marks?.[0] ?? -1];
      if (marked) return TONES.find((tone) => tone === marked.color);
      const field = part("color");
      const value = field && row.values[field.key];
      return field && typeof value === "string" ? optionOf(field, value).tone : undefined;
    },
    writable: (...fields) => host.entity.can("update") && fields.every((field) => !field || (field.level === "write" && !isResult(field))),
    option<T extends Json>(name: string, otherwise: T): T {
      const value = host.view?.options[name];
      return value === undefined || value === null || typeof value !== typeof otherwise ? otherwise : (value as T);
    },
  };
}

export interface Asked<T> {
  data: ShallowRef<T | undefined>;
  error: ShallowRef<unknown>;
  loading: Ref<boolean>;
  load: () => Promise<void>;
}

/** One question at a time: a newer one gives up the older, whose answer is dropped. */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const data = shallowRef<T>();
  const error = shallowRef<unknown>(null);
  const loading = ref(false);
  let turn = 0;
  let control: AbortController | null = null;

  async function load(): Promise<void> {
    control?.abort();
    control = new AbortController();
    const mine = (turn += 1);
    loading.value = true;
    error.value = null;
    try {
      const found = await ask(control.signal);
      if (mine === turn) data.value = found;
    } catch (problem) {
      if (!isAbort(problem) && mine === turn) error.value = problem;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  onScopeDispose(() => {
    turn += 1;
    control?.abort();
  });
  return { data, error, loading, load };
}
