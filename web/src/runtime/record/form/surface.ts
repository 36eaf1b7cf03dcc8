import { inject, provide, type InjectionKey } from "vue";

import type { FieldMeta } from "@/api/types";
import type { FieldContext, Mode } from "@/fields/contract";

import type { Part } from "./tree";

/** What the rules of a form say at this moment. Without rules everything is there and nothing is locked. */
export interface FormRules {
  /** Whether a field (by key) or a layout element (by id) is there. */
  shown(id: string): boolean;
  required(field: FieldMeta): boolean;
  locked(field: FieldMeta): boolean;
  /** What may be picked in a choice field; null: everything. */
  options(field: FieldMeta): ReadonlySet<string> | null;
  /** What else there is to say below a field: a warning, a value that was mended. */
  hint(field: FieldMeta): { tone: "warn" | "info"; text: string } | undefined;
}

export const NO_RULES: FormRules = {
  shown: () => true,
  required: (field) => field.required ?? false,
  locked: () => false,
  options: () => null,
  hint: () => undefined,
};

/** What the parts of a form ask of the form they are on. */
export interface FormSurface {
  readonly mode: Mode;
  readonly ctx: FieldContext;
  readonly values: Record<string, unknown>;
  readonly rules: FormRules;
  field(key: string): FieldMeta | undefined;
  /** What a change of the field's type could not convert. */
  original(key: string): string | undefined;
  errorOf(field: FieldMeta): string | undefined;
  /** Findings inside a sub-table, by the path below it. */
  below(field: FieldMeta): Record<string, string> | undefined;
  change(key: string, value: unknown): void;
  leave(key: string): void;
  /** Whether a part, or anything in it, is there now. */
  present(part: Part): boolean;
  /** How many fields in a part are wrong. */
  faults(part: Part): number;
  /** Which tab of a group is open, which sections are. */
  tab(part: Part): string;
  openTab(part: Part, id: string): void;
  open(part: Part): boolean;
  setOpen(part: Part, now: boolean): void;
  /** Start the flow a button names; undefined where nothing can be started. */
  start?: (flow: string) => void;
}

const KEY: InjectionKey<FormSurface> = Symbol("form");

export const provideSurface = (surface: FormSurface): void => provide(KEY, surface);

export function useSurface(): FormSurface {
  const surface = inject(KEY);
  if (!surface) throw new Error("a part of a form stands outside of one");
  return surface;
}
