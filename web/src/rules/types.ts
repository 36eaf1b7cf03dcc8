/** What the server sends of an entity's rules, and what the form gets from them. */
import type { FormItemMeta, FormMeta, Json, Level, Text } from "@/api/types";

import type { Surroundings, Tree } from "../expr/index.ts";

export type Values = Record<string, Json>;
export type Severity = "block" | "warn" | "fix" | "log";

/** A tree the browser evaluates; null is one only the server evaluates, because of what it reads. */
export type Sent = Tree | null;

/** The rules of an entity. Fields are keys, conditions are named by the rule; a rule without one always holds. */
export interface RulesMeta {
  conditions: Record<string, Sent>;
  /** By field, or by the id of a layout element. */
  show: Record<string, { rule: string; clear: boolean }[]>;
  require: Record<string, string[]>;
  /** Required fields that begin with what an expression gives: asked for where that is nothing. */
  needed: string[];
  lock: Record<string, string[]>;
  set: Record<string, { rule: string; moment: "change" | "always" | "blank"; value: Sent }[]>;
  /** `options` null: records or people, narrowed by the server (`candidates`). */
  choose: Record<string, { rule: string; options: string[] | null }[]>;
  checks: CheckMeta[];
  formulas: Record<string, Sent>;
  defaults: Record<string, Sent>;
  /** What a worked out value must fit into. */
  fit: Record<string, { scale?: number; min?: string; max?: string; length?: number; lines?: boolean; server?: boolean }>;
  /** Fields whose change is worth asking the server, because something it alone evaluates reads them. */
  asks: string[];
}

export interface CheckMeta {
  rule: string;
  severity: Severity;
  /** Fields it is placed at, and fields it is about; when all of those are hidden it is not asked. */
  fields: string[];
  about: string[];
  check: Sent;
  message: Text;
  /** What `fix` writes. */
  values: Record<string, Sent>;
}

/** A step of the dependency order: its number among all steps of the form, and `c:condition` or `f:field key`. */
export type Step = readonly [number, string];

export interface RuledItem extends FormItemMeta {
  /** Absent: always there. */
  when?: Sent;
  items?: RuledItem[];
}

export interface RuledForm extends FormMeta {
  items: RuledItem[];
  /** Steps by entity key: of this entity, and of the rows of its sub-tables. */
  steps?: Record<string, Step[]>;
}

export interface RuledField {
  id: string;
  key: string;
  type: string;
  label: Text;
  required?: boolean;
  level: Level;
  options?: Record<string, unknown>;
  default?: Json;
  system?: boolean;
}

export interface RuledEntity {
  id: string;
  key: string;
  fields: readonly RuledField[];
  rules?: RulesMeta;
}

export interface RulesOptions {
  entity: RuledEntity;
  /** Without a form no field stands on a place, and only `show` rules hide. */
  form?: RuledForm | null;
  /** Entity of a sub-table's rows, by the key in the field's options. */
  entityOf: (key: string) => RuledEntity | undefined;
  /** Clock, zone, person. */
  around: Surroundings;
  /** The stored record by key as the API gave it, its id and system fields included; null for a new one. */
  base: Values | null;
  /** Values a new record starts with besides its defaults; they count as entered. */
  prefill?: Values;
  /** Keys that cannot be read in this very record; what reads them is left to the server. */
  unknown?: ReadonlySet<string>;
  /** Whether a field's own type refuses a value: nothing is made of it, and what reads it is not judged. */
  refuses?: (field: RuledField, value: Json) => boolean;
}

export interface RuleFinding {
  code: string;
  /** `/amount`, `/items/2/price`, or "" for the whole record. */
  place: string;
  severity: Severity;
  rule?: string;
  /** What the rule says; a missing or refused value has the words of the form instead. */
  message?: Text;
  fields: readonly string[];
  /** What saving will write to mend it, and the fields that it does not fit. */
  values?: Values;
  misfits?: readonly string[];
}

/** What holds for one record, or one row, at the moment. */
export interface RecordState {
  /** Every field as it would be stored, what people typed and what rules and formulas give. */
  readonly values: Readonly<Values>;
  readonly hidden: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  readonly locked: ReadonlySet<string>;
  readonly choices: ReadonlyMap<string, readonly string[]>;
  /** Link and people fields whose picker must ask for `candidates`. */
  readonly narrowed: ReadonlySet<string>;
  /** Why computed values are blank. */
  readonly faults: Readonly<Record<string, string>>;
}

/** What a change changed: keys of the record, and for sub-tables the rows (`items` -> 2, 5) that look different. */
export interface Touched {
  readonly keys: ReadonlySet<string>;
  readonly rows: ReadonlyMap<string, ReadonlySet<number>>;
}

/** The answer of `POST .../settle`; rows of sub-tables have one each. */
export interface Settled {
  values: Values;
  conditions: Record<string, boolean>;
  findings?: RuleFinding[];
  rows?: Record<string, Settled[]>;
}

export interface SettleRequest {
  id?: string;
  form?: string;
  values: Values;
}

export interface Rules {
  readonly state: RecordState;
  /** The state of a row of a sub-table. */
  row(field: string, index: number): RecordState | undefined;
  /** Whether a field (by key) or a layout element (by id) is there. */
  shown(name: string): boolean;
  required(key: string): boolean;
  locked(key: string): boolean;
  /** The options that may be chosen; null is all. */
  choices(key: string): readonly string[] | null;
  narrowed(key: string): boolean;
  /** A person enters a value; a sub-table's rows go in whole (only cells that differ are looked at). */
  set(key: string, value: Json): Touched;
  /** Take back what was entered, so that the rules give the value again. */
  release(key: string): Touched;
  findings(): readonly RuleFinding[];
  /** Write what the `fix` findings say, as saving will. */
  mend(): Touched;
  /** What was entered, by key, as a write sends it: without what is hidden or only worked out. */
  entered(): Values;
  /** What to ask the server, when something it alone evaluates may have changed since it was last asked; else null. */
  ask(): SettleRequest | null;
  answer(settled: Settled): Touched;
}
