import type { AppModel } from "@/api/metadata";
import type { DashboardFilter, FieldMeta, FieldOption, Json } from "@/api/types";
import { say, type Key } from "@/i18n";
import type { Option, Tone } from "@/kit/types";

/** The field a filter looks at; `field` may lead over to-one links (`account.region`), by key or id. */
export function filterField(app: AppModel, filter: DashboardFilter): FieldMeta | undefined {
  let entity = app.entity(filter.entity);
  let field: FieldMeta | undefined;
  for (const step of filter.field.split(".")) {
    field = entity?.field(step);
    if (!field) return undefined;
    entity = app.target(field);
  }
  return field;
}

export function filterLabel(app: AppModel, filter: DashboardFilter): string {
  return say(filter.label) || say(filterField(app, filter)?.label) || filter.id;
}

export function filterOptions(app: AppModel, filter: DashboardFilter): Option[] {
  const options = filter.options ?? ((filterField(app, filter)?.options?.options ?? []) as FieldOption[]);
  return options.map((option) => ({ value: option.id, label: say(option.label), tone: option.color as Tone | undefined }));
}

/** Periods on offer; the operand travels as it is and is resolved by the server on the day of asking. */
export const PERIODS: readonly { value: string; label: Key; operand: Json }[] = [
  { value: "this-month", label: "period.thisMonth", operand: { this: "month" } },
  { value: "last-month", label: "period.lastMonth", operand: { last: 1, unit: "month", complete: true } },
  { value: "this-quarter", label: "period.thisQuarter", operand: { this: "quarter" } },
  { value: "this-year", label: "period.thisYear", operand: { this: "year" } },
  { value: "last-30", label: "period.last30", operand: { last: 30, unit: "day" } },
  { value: "last-12", label: "period.last12", operand: { last: 12, unit: "month" } },
];

export function readFilters(text: unknown, filters: readonly DashboardFilter[]): Record<string, Json> {
  if (typeof text !== "string" || !text) return {};
  try {
    const raw = JSON.parse(text) as Record<string, Json>;
    return Object.fromEntries(filters.filter((item) => raw[item.id] !== undefined).map((item) => [item.id, raw[item.id] as Json]));
  } catch {
    // A truncated address shows the dashboard unfiltered.
    return {};
  }
}
