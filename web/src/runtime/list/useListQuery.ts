import { computed, type ComputedRef, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

import type { EntityModel } from "@/api/metadata";
import type { Filter, GroupItem, SavedView, SortItem } from "@/api/types";
import { same } from "@/fields/rows";

import { withKeys } from "./columns";
import { readListState, writeListState, type ListState } from "./urlState";

export interface ListQuery {
  view: WritableComputedRef<string>;
  filter: WritableComputedRef<Filter>;
  sort: WritableComputedRef<SortItem[]>;
  /** Fields rows stand together by, only those this person may read. */
  group: WritableComputedRef<GroupItem[]>;
  search: WritableComputedRef<string>;
  trashed: WritableComputedRef<boolean>;
  /** Filter, order or groups differ from the view. */
  changed: ComputedRef<boolean>;
  revert: () => void;
}

/** What a list shows, kept in the address: the saved view, and where the person went away from it. */
export function useListQuery(entity: () => EntityModel, current: () => SavedView | undefined): ListQuery {
  const route = useRoute();
  const router = useRouter();
  const state = computed(() => readListState(route.query));

  function put(change: Partial<ListState>): void {
    void router.replace({ query: writeListState({ ...state.value, ...change }) });
  }

  const viewFilter = computed<Filter>(() => withKeys(entity(), current()?.filter ?? null));
  const viewGroup = computed<GroupItem[]>(() => current()?.group ?? []);
  const viewSort = computed<SortItem[]>(() => current()?.sort ?? []);

  return {
    view: computed({
      get: () => state.value.view,
      // Another view starts clean; what was searched for stays.
      set: (view) => put({ view, filter: undefined, sort: undefined, group: undefined }),
    }),
    filter: computed({
      get: () => (state.value.filter === undefined ? viewFilter.value : withKeys(entity(), state.value.filter)),
      set: (filter) => put({ filter: same(filter, viewFilter.value) ? undefined : filter }),
    }),
    sort: computed({
      get: () => state.value.sort ?? viewSort.value,
      set: (sort) => put({ sort: same(sort, viewSort.value) ? undefined : sort }),
    }),
    group: computed({
      get: () => (state.value.group ?? viewGroup.value).filter((item) => entity().field(item.field)?.groupable),
      set: (group) => put({ group: same(group, viewGroup.value) ? undefined : group }),
    }),
    search: computed({ get: () => state.value.search, set: (search) => put({ search }) }),
    trashed: computed({ get: () => state.value.trashed, set: (trashed) => put({ trashed }) }),
    changed: computed(() => state.value.filter !== undefined || state.value.sort !== undefined || state.value.group !== undefined),
    revert: () => put({ filter: undefined, sort: undefined, group: undefined }),
  };
}
