import { Table2 } from "@lucide/vue";
import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";

import type { AppModel, EntityModel } from "@/api/metadata";
import type { FieldMeta, Labels, RecordRow, SavedView } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import type { Key } from "@/i18n";

import type { Unread } from "../around/useUnread";
import type { Prefill } from "../record/prefill";
import { MORE_KINDS } from "../views/kinds";
import TableView from "./TableView.vue";
import type { ListQuery } from "./useListQuery";
import type { Look } from "./useLook";

/** A field a view kind is made from: the day of a calendar, the columns of a board. */
export interface ViewPart {
  /** Name in `View.parts`. */
  name: string;
  label: Key;
  required?: boolean;
  /** Fields that may play the part. */
  fits: (field: FieldMeta, entity: EntityModel) => boolean;
}

/** Tools of the list page that mean something to a kind; what is not named is not offered. */
export type ViewTool = "columns" | "sort" | "group" | "trash";

/**
 * One way to look at records. `component` takes one prop, `host` ({@link ViewHost}), and exposes `reload()`; kinds other
 * than the table are `defineAsyncComponent`, so that a list loads only what it shows.
 */
export interface ViewKind {
  kind: string;
  label: Key;
  icon: Component;
  component: Component;
  /** Panel of its settings: props `kind`, `entity`, `parts`, model `options`. */
  settings?: Component;
  parts: readonly ViewPart[];
  tools: readonly ViewTool[];
}

/** What the list page gives to the view it shows. Everything in it is reactive. */
export interface ViewHost {
  readonly app: AppModel;
  readonly entity: EntityModel;
  readonly view: SavedView | undefined;
  /** Filter, order, search as the address has them; the view asks the server with these. */
  readonly query: ListQuery;
  /** Keys of the columns to show, as the person chose them. */
  readonly columns: readonly string[];
  /** Totals, colours, frozen columns and row height, as the person chose them. */
  readonly look: Look;
  change(part: Partial<Look>): void;
  readonly ctx: FieldContext;
  /** Name of the list, for accessible names. */
  readonly title: string;
  /** Keep the names of ids that came with rows. */
  learn(labels: Labels | undefined): void;
  /** The number beside the title; above 1,000 it reads "more than". Null: not known. */
  counted(count: number | null): void;
  /** What is new to this person among the records shown; undefined in the bin. */
  readonly unread: Unread | undefined;
  /** Where a record is shown; undefined in the bin. */
  href(row: Pick<RecordRow, "id">): RouteLocationRaw | undefined;
  /** Go to a record; `ids` are what previous and next walk through. */
  open(id: string, ids: readonly string[]): void;
  /** Leave the trail for previous and next without going there (a link does that). */
  remember(id: string, ids: readonly string[]): void;
  /** The form of a new record, some fields filled. */
  create(prefill?: Prefill): void;
  /** Take the filter and the search away. */
  clear(): void;
}

export const TABLE: ViewKind = {
  kind: "table",
  label: "view.kind.table",
  icon: Table2,
  component: TableView,
  parts: [],
  tools: ["columns", "sort", "group", "trash"],
};

/** Kinds of views this install can show, by name. */
export const VIEW_KINDS: readonly ViewKind[] = [TABLE, ...MORE_KINDS];

/** The kind of a view; one this browser does not know is shown as a table. */
export const viewKind = (name: string | undefined): ViewKind => VIEW_KINDS.find((one) => one.kind === name) ?? TABLE;
