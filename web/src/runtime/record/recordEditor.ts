import type { ComputedRef, Ref, ShallowRef } from "vue";

import type { EntityModel } from "@/api/metadata";
import type { Action, FieldMeta, Finding, Labels, RecordView, Values } from "@/api/types";
import type { FieldContext } from "@/fields/contract";

import type { ClashItem } from "./merge";
import type { RulesDesk } from "./useRules";

export type Phase = "loading" | "ready" | "missing" | "failed";

/** Somebody else saved first, and some places were changed by both. */
export interface Clash {
  /** The record as it is stored now. */
  latest: RecordView;
  items: ClashItem[];
  /** My changes with theirs worked in, apart from the items. */
  values: Values;
}

export type SaveOutcome = "saved" | "unchanged" | "invalid" | "conflict" | "failed";

export interface RecordEditor {
  phase: Ref<Phase>;
  error: ShallowRef<unknown>;
  id: Ref<string | null>;
  rev: Ref<number>;
  /** As the server gave them. */
  base: ShallowRef<Values>;
  /** Why computed fields are blank, by key. */
  faults: Ref<Record<string, string>>;
  /** As the widgets hold them. */
  values: Record<string, unknown>;
  actions: ShallowRef<Action[]>;
  saving: Ref<boolean>;
  /** Fields with the level they have in this very record. */
  fields: ComputedRef<FieldMeta[]>;
  /** Findings of the server by place; see `messagesOf`. */
  messages: Readonly<Ref<Record<string, string[]>>>;
  general: ShallowRef<Finding[]>;
  wanted: ShallowRef<Finding[]>;
  /** What a change of a field's type could not convert, by key. */
  originals: ShallowRef<Record<string, string>>;
  /** What rules changed or noted with the last save. */
  notices: ShallowRef<Finding[]>;
  /** One tried to save: what is missing is said now. */
  asked: Ref<boolean>;
  version: Ref<number>;
  /** Take over what the rules made of other fields. */
  follow: (keys: ReadonlySet<string>) => void;
  clash: ShallowRef<Clash | null>;
  /** What differs from `base`, as it is sent. */
  changes: ComputedRef<Values>;
  dirty: ComputedRef<boolean>;
  field: (key: string) => FieldMeta | undefined;
  complaintOf: (field: FieldMeta) => string | null;
  load: (id: string) => Promise<void>;
  begin: (prefill?: Values) => void;
  show: (view: RecordView) => void;
  set: (key: string, value: unknown) => void;
  touch: (key: string) => void;
  /** Judge these fields as on saving, from now on; the keys of those that are wrong. */
  judge: (keys: string[]) => string[];
  reset: () => void;
  /** Continue earlier work: `values` changed over `base` at `rev`. */
  adopt: (values: Values, base: Values, rev: number, names: Labels) => void;
  save: () => Promise<SaveOutcome>;
  /** Fields somebody else changed meanwhile that were taken over with the last save. */
  taken: ShallowRef<FieldMeta[]>;
  /** Save over what somebody else saved: a value for each place both changed, by the id of the item. */
  merge: (chosen: Values) => Promise<SaveOutcome>;
}

export interface RecordPlace {
  app: () => string;
  entity: () => EntityModel;
  ctx: FieldContext;
  labels: ShallowRef<Labels>;
  /** What the rules of the form say; without, only the fields themselves are judged. */
  rules?: RulesDesk;
}
