/** Shapes of the HTTP API as the browser sees them: everything is already filtered for the person signed in. */

export type * from "./dashboardTypes";
export type * from "./flowTypes";

import type { RulesMeta, Sent, Step } from "../rules/types.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Text for people: already in the person's language, or a language map. */
export type Text = string | Record<string, string>;

export type Level = "hidden" | "masked" | "read" | "write";

export type Action =
  | "create"
  | "read"
  | "update"
  | "delete"
  | "export"
  | "import"
  | "print"
  | "transfer"
  | "bulk"
  | "history"
  | "share";

export interface Finding {
  code: string;
  place: string;
  text: string;
  severity?: "error" | "warning" | "info";
  /** The rule that found it; saved over it only with a reason. */
  rule?: string;
}

/** `mine` is what was sent, `theirs` what is stored now, `base` what both started from. */
export interface FieldClash {
  mine: Json;
  theirs: Json;
  base?: Json;
}

export interface ProblemDocument {
  type?: string;
  title?: string;
  status: number;
  code?: string;
  detail?: string;
  trace_id?: string;
  findings?: Finding[];
  conflict?: { rev: number; fields: Record<string, FieldClash> };
}

export interface AppSummary {
  id: string;
  key: string;
  name: Text;
  icon: string;
  description?: Text;
}

export interface UserSettings {
  theme?: "light" | "dark" | "auto";
  density?: "compact" | "normal" | "touch";
  [key: string]: Json | undefined;
}

export interface CurrentUser {
  id: string;
  name: string;
  username?: string;
  email?: string;
  locale: string;
  zone: string;
  duties?: string[];
  settings?: UserSettings;
}

export interface Me {
  user: CurrentUser;
  csrf: string;
  apps: AppSummary[];
  roles: { id?: string; key: string; label: Text; app?: string }[] | string[];
  designer?: boolean;
}

export interface SessionRow {
  id: string;
  created_at: string;
  seen_at?: string;
  address?: string;
  agent?: string;
  current?: boolean;
}

export interface FieldOption {
  id: string;
  label: Text;
  color?: string;
  [key: string]: unknown;
}

export interface FieldMeta {
  id: string;
  key: string;
  type: string;
  label: Text;
  help?: Text;
  required?: boolean;
  level: Level;
  options?: Record<string, unknown>;
  operators: string[];
  aggregates?: string[];
  sortable?: boolean;
  groupable?: boolean;
  schema?: Record<string, unknown>;
  default?: Json;
  system?: boolean;
}

export type FormItemKind = "field" | "section" | "columns" | "tabs" | "tab" | "page" | "divider" | "note" | "embed" | "button";

/** A field on a form, or a layout element with parts of its own. */
export interface FormItemMeta {
  id: string;
  kind: FormItemKind;
  /** Key of the field. */
  field?: string;
  /** Twelfths of the row. */
  width: number;
  label?: Text;
  text?: Text;
  config?: Record<string, Json>;
  /** When it is there; absent: always. */
  when?: Sent;
  items?: FormItemMeta[];
}

export interface RelatedMeta {
  /** Entity whose records point here, and the link field they do it with. */
  entity: string;
  field: string;
  label?: Text;
}

export interface FormMeta {
  id?: string;
  /** `single` asks one question at a time. */
  mode?: "page" | "single";
  /** In which order rules and formulas are worked out, by entity. */
  steps?: Record<string, Step[]>;
  items: FormItemMeta[];
  related: RelatedMeta[];
}

export interface SortItem {
  field: string;
  dir: "asc" | "desc";
}

export type Filter = Json;

export interface SavedView {
  id: string;
  label: Text;
  /** `app` comes with the application, `shared` is everybody's, `mine` is personal. */
  scope: "app" | "shared" | "mine";
  kind: string;
  columns: string[];
  card: string[];
  filter: Filter;
  sort: SortItem[];
  /** Up to three fields rows stand together by. */
  group: GroupItem[];
  /** Aggregate below a column, by field key. */
  totals: Record<string, string>;
  colors: ColourRule[];
  /** Fields of the bar of quick filters. */
  quick: string[];
  /** Columns that stay in sight on scrolling sideways. */
  freeze: number;
  /** Key of the field that plays a part (`start`, `by`, `cover`, `parent`). */
  parts: Record<string, string>;
  options: Record<string, Json>;
  default: boolean;
  editable: boolean;
}

export type Grain = "day" | "week" | "month" | "quarter" | "year";

export interface GroupItem {
  field: string;
  /** Period dates are put together by. */
  grain?: Grain;
  desc?: boolean;
}

/** A row, or the cell of `field`, gets `color` where `filter` holds; the first that holds wins. */
export interface ColourRule {
  filter: Filter;
  color: string;
  field?: string;
}

export interface EntityMeta {
  id: string;
  key: string;
  label: Text;
  icon: string;
  /** Key of the field that names a record. */
  title: string;
  /** Key of the entity this one is a sub-table of. */
  parent: string | null;
  actions: Action[];
  fields: FieldMeta[];
  form: FormMeta;
  rules?: RulesMeta;
  views: SavedView[];
  sort?: SortItem[];
}

export interface MenuEntry {
  id: string;
  kind: "folder" | "view" | "dashboard" | "entity";
  label: Text;
  icon?: string;
  entity?: string;
  view?: string;
  dashboard?: string;
  target?: string;
  items?: MenuEntry[];
}

export interface DashboardSummary {
  id: string;
  key: string;
  label: Text;
}

export interface FlowSummary {
  id: string;
  key: string;
  label: Text;
  entity: string;
}

export interface AppMeta {
  id: string;
  key: string;
  name: Text;
  version: number | string;
  icon?: string;
  menu: MenuEntry[];
  entities: EntityMeta[];
  dashboards: DashboardSummary[];
  flows: FlowSummary[];
}

export type Values = Record<string, Json>;

/** `{"user": {id: name}, "<entity key>": {id: title}}`: names of the ids in the values. */
export type Labels = Record<string, Record<string, string>>;

export interface RecordRow {
  id: string;
  rev: number;
  values: Values;
  /** Why computed fields are blank, as people know it from spreadsheets: `{"ratio": "#DIV/0!"}`. */
  errors?: Record<string, string>;
  /** Which of the conditions asked about hold, by their place. */
  marks?: number[];
  /** What a change of a field's type could not convert, as it was written. */
  originals?: Record<string, string>;
}

export interface RecordPage {
  records: RecordRow[];
  next_cursor: string;
  count: number | null;
  /** There may be more than counted: rows had to be looked at one by one. */
  at_least?: boolean;
  labels: Labels;
  /** Fields whose values may still be old: more records follow than a write waits for. */
  computing?: string[];
}

export interface RecordView {
  record: RecordRow;
  labels: Labels;
  computing?: string[];
  levels?: Record<string, Level>;
  actions?: Action[];
  /** What rules changed or noted while it was saved. */
  notices?: Finding[];
}

export interface RecordQuery {
  fields?: string[];
  filter?: Filter;
  sort?: SortItem[];
  search?: string;
  limit?: number;
  cursor?: string;
  offset?: number;
  count?: "none" | "capped" | "exact";
  trashed?: boolean;
  /** Conditions each row is told to hold (`marks` of the row, by their place). */
  marks?: Filter[];
}

export interface BulkOperation {
  op: "create" | "update" | "delete";
  id?: string;
  rev?: number;
  values?: Values;
}

export interface BulkOutcome {
  id?: string;
  rev?: number;
  status?: string;
  findings?: Finding[];
}

export interface HistoryChange {
  field: string;
  label?: Text;
  before: Json;
  after: Json;
}

export interface HistoryEntry {
  id: string;
  at: string;
  actor: { id: string; name: string } | null;
  action: string;
  changes: HistoryChange[];
  note?: string;
}

export interface LookupItem {
  id: string;
  title: string;
  sub?: string;
}

export interface PersonItem {
  id: string;
  name: string;
  department?: string;
}

export interface FileItem {
  id: string;
  name: string;
  size: number;
  type: string;
}
