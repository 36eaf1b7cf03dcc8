import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";

/** Meaning of a colour; always shown together with words. */
export type Tone = "neutral" | "info" | "ok" | "warn" | "bad" | "violet" | "teal";
export const TONES: readonly Tone[] = ["neutral", "info", "ok", "warn", "bad", "violet", "teal"];

export type Size = "sm" | "md" | "lg";

/** One thing to choose from. */
export interface Option {
  value: string;
  label: string;
  tone?: Tone;
  hint?: string;
  /** Places of the label that a search found: `[start, end]`. */
  marks?: readonly (readonly [number, number])[];
  icon?: Component;
  disabled?: boolean;
  /** Heading above the first of a run of options with the same one. */
  group?: string;
}

/** One line of a menu. `separator` draws a rule above it; `items` makes it the heading of a group. */
export interface MenuEntry {
  key?: string;
  label: string;
  icon?: Component;
  hint?: string;
  danger?: boolean;
  disabled?: boolean;
  checked?: boolean;
  to?: RouteLocationRaw;
  href?: string;
  run?: () => void;
  separator?: boolean;
  items?: MenuEntry[];
}

export interface TabItem {
  value: string;
  label: string;
  count?: number;
  icon?: Component;
}

export interface SortItem {
  field: string;
  dir: "asc" | "desc";
}

export interface FileItem {
  id: string;
  name: string;
  size: number;
  type: string;
}

export interface TimelineItem {
  id: string;
  title: string;
  tone?: Tone;
  icon?: Component;
  time?: string;
  text?: string;
}

export interface StepItem {
  id: string;
  label: string;
  state: "done" | "current" | "waiting" | "rejected" | "skipped";
  hint?: string;
}

/** A column of the big grid. `title` marks the column that names the row (and links to it). */
export interface GridColumn<Row> {
  key: string;
  label: string;
  width?: number;
  minWidth?: number;
  align?: "start" | "end" | "center";
  sortable?: boolean;
  frozen?: boolean;
  title?: boolean;
  icon?: Component;
  text?: (row: Row) => string;
}

/** How a cell of the big table stands out: a colour rule, an edit on its way, one that was refused. */
export interface GridCellState {
  tone?: string;
  state?: "saving" | "failed";
  error?: string;
}

export type GridHeight = "compact" | "normal" | "tall";

/** A block of cells to be put where the rectangle begins; `exact` are exact values of a copy within the product. */
export interface GridPaste {
  at: { top: number; bottom: number; left: number; right: number };
  cells: string[][];
  exact: string;
}

export interface TableColumn {
  key: string;
  label: string;
  align?: "start" | "end" | "center";
}

export interface FormError {
  /** Id of the element to put the focus on. */
  id: string;
  text: string;
}
