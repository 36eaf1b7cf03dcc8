import { computed, type ComputedRef, type WritableComputedRef } from "vue";

import type { EntityModel } from "@/api/metadata";
import type { ColourRule, Json, SavedView } from "@/api/types";
import { same } from "@/fields/rows";
import type { GridHeight } from "@/kit/types";

import { columnKeys } from "./columns";
import { useKept } from "./useKept";

/** How a table looks: what of a view a person changes for themselves before they save it. */
export interface Look {
  columns: string[];
  totals: Record<string, string>;
  colors: ColourRule[];
  quick: string[];
  freeze: number;
  height: GridHeight;
}

export interface Looks {
  look: ComputedRef<Look>;
  columns: WritableComputedRef<string[]>;
  change: (part: Partial<Look>) => void;
  changed: ComputedRef<boolean>;
  revert: () => void;
  /** The look as a view keeps it. */
  saved: () => Pick<SavedView, "columns" | "totals" | "colors" | "quick" | "freeze" | "options">;
}

const HEIGHTS: readonly string[] = ["compact", "normal", "tall"];
const heightOf = (value: Json | undefined): GridHeight => (HEIGHTS.includes(String(value)) ? (value as GridHeight) : "normal");

/** The look of the current view, with what this person changed kept in this browser until it is saved or taken back. */
export function useLook(place: () => string, entity: () => EntityModel, view: () => SavedView | undefined): Looks {
  const own = useKept<Partial<Look> | null>(() => `look.${place()}.${view()?.id ?? ""}`, null);
  const base = computed<Look>(() => {
    const now = view();
    return {
      columns: columnKeys(entity(), now?.columns ?? []),
      totals: now?.totals ?? {},
      colors: now?.colors ?? [],
      quick: now?.quick ?? [],
      freeze: now?.freeze ?? 1,
      height: heightOf(now?.options.height),
    };
  });
  const look = computed<Look>(() => {
    const now = { ...base.value, ...own.value };
    return own.value?.columns ? { ...now, columns: columnKeys(entity(), own.value.columns) } : now;
  });

  function change(part: Partial<Look>): void {
    const next = { ...own.value, ...part };
    const kept = Object.entries(next).filter(([name, value]) => !same(value, base.value[name as keyof Look]));
    own.value = kept.length ? (Object.fromEntries(kept) as Partial<Look>) : null;
  }

  return {
    look,
    columns: computed({ get: () => look.value.columns, set: (columns) => change({ columns }) }),
    change,
    changed: computed(() => own.value !== null),
    revert: () => (own.value = null),
    saved: () => {
      const { columns, totals, colors, quick, freeze, height } = look.value;
      const { height: _was, ...options } = view()?.options ?? {};
      return { columns, totals, colors, quick, freeze, options: height === "normal" ? options : { ...options, height } };
    },
  };
}
