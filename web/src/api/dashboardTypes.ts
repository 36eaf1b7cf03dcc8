import type { FieldOption, Filter, Finding, Json, Text } from "./types";

export interface WidgetMeta {
  id: string;
  type: string;
  label: Text;
  style?: Record<string, unknown>;
  /** Key of the entity its figures are about. */
  entity?: string;
}

export interface GridCellMeta {
  w: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface DashboardMeta {
  id: string;
  key: string;
  label: Text;
  widgets: WidgetMeta[];
  grid: GridCellMeta[];
  filters: DashboardFilter[];
}

export interface DashboardFilter {
  id: string;
  entity: string;
  field: string;
  control: "daterange" | "select" | "user";
  label?: Text;
  default?: Json;
  options?: FieldOption[];
}

/** Figures in words, as the chart shows them; the reading for people without graphics. */
export interface WidgetTable {
  columns: { id: string; label: string; align: "start" | "end" }[];
  rows: string[][];
}

export interface NumberCard {
  number: number | null;
  text: string;
  compare?: { rate: number | null; text: string; base: string; label: string };
}

export interface Leaderboard {
  items: { rank: number; label: string; text: string; part: number; index: number }[];
}

export interface PlotFigure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

export interface WidgetData {
  type: string;
  label: Text;
  table?: WidgetTable;
  figure?: PlotFigure;
  /** Colour token of every row, by dimension. */
  colors?: Record<string, string[]>;
  value?: NumberCard | Leaderboard | Record<string, never>;
  /** Filter that gives the records behind a row of the table. */
  drill?: (Filter | null)[];
  error?: { findings: Finding[] };
}

export interface DashboardData {
  widgets: Record<string, WidgetData>;
  at?: string;
}
