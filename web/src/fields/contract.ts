import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";

import type { FieldMeta, FileItem, Json, RecordRow } from "@/api/types";
import type { Key } from "@/i18n";
import type { Option } from "@/kit/types";
import type { UploadControl } from "@/kit/upload";

import type { TreeNode } from "./tree";

/** `design`: a picture of the control on the form designer's paper; `read`: the value; `edit`: the control. */
export type Mode = "design" | "edit" | "read";

export type FieldGroup = "basic" | "advanced" | "relation" | "system";

/** How a list draws a value; `text` uses the type's own `text`. */
export type CellKind = "text" | "tag" | "tags" | "person" | "people" | "link" | "links" | "files" | "check" | "mail" | "phone" | "url" | "code" | "rating" | "progress" | "pictures";

/** What stands right of a comparison in a filter. */
export type OperandKind = "none" | "text" | "texts" | "number" | "date" | "choice" | "choices" | "lookup" | "lookups" | "yesno" | "time" | "duration" | "durations" | "period" | "span" | "near";

/** What the rules of a form make of one row of a sub-table: columns by key. */
export interface RowLook {
  readonly values: Readonly<Record<string, Json>>;
  readonly hidden: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  readonly locked: ReadonlySet<string>;
  readonly choices: ReadonlyMap<string, readonly string[]>;
}

/** A row of a sub-table: its key and the number of the row. */
export type QueryRow = readonly [string, number];

/** A part of what a query field shows. */
export interface QueryFound {
  records: readonly RecordRow[];
  /** Keys of the columns this person may see. */
  columns: readonly string[];
  /** False where the condition names something this person may not see. */
  asked: boolean;
  count: number | null;
  atLeast: boolean;
  /** Where the next part begins; empty at the end. */
  next: string;
}

/** The record on the screen, asked what its query fields show. */
export interface QueryDesk {
  find(field: FieldMeta, part: { cursor: string; row?: QueryRow | undefined }, signal?: AbortSignal): Promise<QueryFound>;
  /** Another text whenever something the condition reads has changed. */
  stamp(field: FieldMeta, row?: QueryRow): string;
}

/** What widgets may ask of the page they are on. */
export interface FieldContext {
  /** Key of the application. */
  app: string;
  /** Zone instants are shown and typed in. */
  zone: string;
  /** People of a user field, records a link field may point to. */
  lookup(field: FieldMeta, query: string, signal?: AbortSignal): Promise<readonly Option[]>;
  /** Name of a person or title of a record, when an answer or a pick brought it. */
  label(field: FieldMeta, id: string): string | undefined;
  /** Keep the names of what was picked. */
  remember(field: FieldMeta, options: readonly Option[]): void;
  /** Where a linked record is shown; undefined when this person may not open it. */
  href(field: FieldMeta, id: string): RouteLocationRaw | undefined;
  /** Why a computed field of the record shown is blank (`#DIV/0!`). */
  problem?(field: FieldMeta): string | undefined;
  /** Words that tags of this field have had, those the reader may see. */
  suggest(field: FieldMeta, query: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** The text of a secret of the record shown, which the log notes; absent where there is no record. */
  reveal?(field: FieldMeta): Promise<string>;
  upload(field: FieldMeta, file: File, control: UploadControl): Promise<FileItem>;
  fileHref(file: FileItem): string;
  /** A picture no larger than a size, for images and signatures. */
  pictureHref(file: FileItem, size: number): string;
  /** Provinces, cities and districts. */
  regions(): Promise<readonly TreeNode[]>;
  /** Fields of a sub-table's rows. */
  fields(entityId: string, system?: boolean): readonly FieldMeta[];
  /** Absent where there is no record that could ask. */
  query?: QueryDesk | undefined;
  /** A row as the rules have it; without rules it is as it was typed. */
  row?(field: FieldMeta, index: number): RowLook | undefined;
}

/** Props every widget takes; the value goes up as `update:modelValue`. */
export interface WidgetProps {
  field: FieldMeta;
  mode: Mode;
  id: string;
  ctx: FieldContext;
  error?: string;
  describedby?: string;
  /** Name of the control where no visible label stands beside it (cells of a sub-table, filters). */
  label?: string;
  /** Findings inside the value, by path below it (`2/phone`). */
  errors?: Record<string, string>;
}

/**
 * One field type in the browser: how its value travels, looks and is asked for. Adding a type is one module and one line
 * in the registry, and its control one line in `widgets.ts` (lists show values without loading any control).
 */
export interface FieldUi<V = unknown> {
  type: string;
  label: Key;
  icon: Component;
  group: FieldGroup;
  align: "start" | "end" | "center";
  cell: CellKind;
  /** The value cannot be typed in: the server makes it. */
  computed?: boolean;
  /** Wide content that wants the whole row of a form. */
  wide?: boolean;
  /** Several controls: the label of the form names their group. */
  composite?: boolean;
  empty(field: FieldMeta): V;
  /** Value of the API to value of the form. Junk becomes the empty value. */
  fromApi(json: Json | undefined, field: FieldMeta): V;
  toApi(value: V, field: FieldMeta): Json;
  blank(value: V): boolean;
  equal(a: V, b: V): boolean;
  /** The value as plain text: lists, titles, copies. */
  text(field: FieldMeta, value: V, ctx: FieldContext): string;
  /** What is wrong with a value that is there, in words; null when nothing is. The server has the last word. */
  check(field: FieldMeta, value: V, ctx: FieldContext): string | null;
  operand(operator: string): OperandKind;
  /** The right side of a comparison in words where it is no value of the type; null where it is one. */
  words?(field: FieldMeta, operator: string, operand: Json, ctx: FieldContext): string | null;
}
