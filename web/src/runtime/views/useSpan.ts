import { computed, watch, type ComputedRef } from "vue";

import { ProblemError } from "@/api/problem";
import type { FieldMeta, RecordRow } from "@/api/types";
import { fetchSpan, fetchSpecialDays, type SpanData, type SpecialDay } from "@/api/viewdata";
import { lang } from "@/i18n";
import { today, weekday } from "@/kit/dates";

import type { ViewHost } from "../list/viewKinds";
import { itemOf, type Item, type SpanFields } from "./span";
import { useAsked, type Asked, type ViewFields } from "./useView";

export interface SpanRecords {
  asked: Asked<SpanData>;
  /** The fields that say when; undefined while they are missing. */
  when: ComputedRef<SpanFields | undefined>;
  items: ComputedRef<Item[]>;
  special: ComputedRef<Map<string, SpecialDay>>;
  /** A day nobody works: a holiday, or a weekend that is not made up. */
  free: (day: string) => boolean;
  now: ComputedRef<string>;
  /** Put a changed record in the place of the old one. */
  replace: (row: RecordRow) => void;
}

/** The records that touch the days shown, asked for again whenever these or the question change. */
export function useSpan(host: ViewHost, fields: ViewFields, range: () => { from: string; to: string }, more: () => (FieldMeta | undefined)[] = () => []): SpanRecords {
  const when = computed<SpanFields | undefined>(() => {
    const start = fields.part("start");
    return start && { start, end: start.type === "date_range" ? undefined : fields.part("end") };
  });
  const keys = (): string[] => [when.value?.start, when.value?.end, ...more()].flatMap((field) => field?.key ?? []);
  const asked = useAsked((signal) =>
    fetchSpan(
      host.app.key,
      host.entity.key,
      fields.question(keys()),
      { start: when.value?.start.key ?? "", end: when.value?.end?.key ?? "", ...range() },
      signal,
    ),
  );
  const days = useAsked((signal) =>
    fetchSpecialDays(range().from, range().to, signal).catch((problem: unknown) => {
      // the records are worth showing without the marks of the calendar
      if (problem instanceof ProblemError) return { days: [], years: [] };
      throw problem;
    }),
  );
  watch(
    () => JSON.stringify([fields.question(keys()), range(), when.value?.end?.key, lang()]),
    () => void (when.value && asked.load()),
    { immediate: true },
  );
  watch(
    () => JSON.stringify(range()),
    () => void days.load(),
    { immediate: true },
  );
  watch(asked.data, (data) => {
    if (!data) return;
    host.learn(data.labels);
    host.counted(data.more ? null : data.records.length);
  });

  const special = computed(() => new Map((days.data.value?.days ?? []).map((day) => [day.day, day])));
  return {
    asked,
    when,
    items: computed(() =>
      (asked.data.value?.records ?? []).flatMap((row) => (when.value ? (itemOf(row, when.value, host.ctx.zone) ?? []) : [])),
    ),
    special,
    free: (day) => !(special.value.get(day)?.worked ?? weekday(day) < 6),
    now: computed(() => today(host.ctx.zone)),
    replace(row) {
      const data = asked.data.value;
      if (data) asked.data.value = { ...data, records: data.records.map((one) => (one.id === row.id ? { ...one, ...row, values: { ...one.values, ...row.values } } : one)) };
    },
  };
}
