import type { LocationQuery, LocationQueryRaw } from "vue-router";

import { sortOf, sortText } from "@/api/records";
import type { Filter, Grain, GroupItem, SortItem } from "@/api/types";

/** What a list shows, as the address bar holds it: `v` view, `f` filter, `s` sort, `g` groups, `q` search, `trash`. */
export interface ListState {
  view: string;
  /** Undefined: as the view says. Null: none, although the view has one. */
  filter: Filter | undefined;
  sort: SortItem[] | undefined;
  group: GroupItem[] | undefined;
  search: string;
  trashed: boolean;
}

const one = (value: LocationQuery[string] | undefined): string | undefined => {
  const first = Array.isArray(value) ? value[0] : value;
  return first ?? undefined;
};

function parseFilter(text: string | undefined): Filter | undefined {
  if (text === undefined) return undefined;
  if (text === "") return null;
  try {
    const value = JSON.parse(text) as Filter;
    return Array.isArray(value) ? value : undefined;
  } catch {
    // A hand-edited or truncated address: fall back to the view instead of failing.
    return undefined;
  }
}

const GRAINS: readonly string[] = ["day", "week", "month", "quarter", "year"];

/** `-created_at:month,stage`: by month, the latest first, then by stage. */
export function groupText(group: readonly GroupItem[]): string {
  return group.map((item) => `${item.desc ? "-" : ""}${item.field}${item.grain ? `:${item.grain}` : ""}`).join(",");
}

export function groupOf(text: string): GroupItem[] {
  return text.split(",").flatMap((part): GroupItem[] => {
    const [field = "", grain] = part.replace(/^-/, "").split(":");
    if (!field) return [];
    return [{ field, ...(grain && GRAINS.includes(grain) ? { grain: grain as Grain } : {}), ...(part.startsWith("-") ? { desc: true } : {}) }];
  });
}

export function readListState(query: LocationQuery): ListState {
  const sort = one(query.s);
  const group = one(query.g);
  return {
    view: one(query.v) ?? "",
    filter: parseFilter(one(query.f)),
    sort: sort === undefined ? undefined : sortOf(sort),
    group: group === undefined ? undefined : groupOf(group),
    search: one(query.q) ?? "",
    trashed: one(query.trash) === "1",
  };
}

export function writeListState(state: ListState): LocationQueryRaw {
  const query: LocationQueryRaw = {};
  if (state.view) query.v = state.view;
  if (state.filter !== undefined) query.f = state.filter === null ? "" : JSON.stringify(state.filter);
  if (state.sort !== undefined) query.s = sortText(state.sort);
  if (state.group !== undefined) query.g = groupText(state.group);
  if (state.search) query.q = state.search;
  if (state.trashed) query.trash = "1";
  return query;
}
