import { CalendarRange, ChartGantt, GalleryVerticalEnd, Kanban, ListTree, Map as MapIcon, Users } from "@lucide/vue";
import { defineAsyncComponent, type Component } from "vue";

import type { EntityModel } from "@/api/metadata";
import type { FieldMeta } from "@/api/types";
import { resultType } from "@/fields/results";
import { viewTexts } from "@/i18n/views";

import type { ViewKind, ViewPart } from "../list/viewKinds";

const CHOICES = ["select", "radio"];
const SORTERS = [...CHOICES, "user", "link_one"];
const DAYS = ["date", "datetime"];
const NUMBERS = ["number", "currency", "percent", "rating", "progress", "duration"];
const IMAGES = ["image", "file"];

/** What a formula results in counts; it cannot be changed, but it can be shown. */
const typeOf = (field: FieldMeta): string => resultType(field);
const open = (field: FieldMeta): boolean => field.level !== "masked";

const of =
  (...types: string[]) =>
  (field: FieldMeta): boolean =>
    open(field) && types.includes(typeOf(field));
const stored =
  (...types: string[]) =>
  (field: FieldMeta): boolean =>
    open(field) && types.includes(field.type);
const own =
  (...types: string[]) =>
  (field: FieldMeta, entity: EntityModel): boolean =>
    open(field) && types.includes(field.type) && [entity.key, entity.meta.id].includes(String(field.options?.entity));

const start: ViewPart = { name: "start", label: "view.part.start", required: true, fits: of(...DAYS, "date_range") };
const end: ViewPart = { name: "end", label: "view.part.end", fits: of(...DAYS) };
const color: ViewPart = { name: "color", label: "view.part.color", fits: stored(...CHOICES) };
const cover: ViewPart = { name: "cover", label: "view.part.cover", fits: stored(...IMAGES) };
const sum: ViewPart = { name: "sum", label: "view.part.sum", fits: of(...NUMBERS) };

/** A kind comes with its words, and only when one is shown. */
const lazy = (load: () => Promise<{ default: Component }>): Component =>
  defineAsyncComponent(async () => (await Promise.all([load(), viewTexts()]))[0].default);

const settings = lazy(() => import("./ViewSettings.vue"));

/** Every kind of view besides the table; the server has the same in `engine/forms/views/kinds.py`. */
export const MORE_KINDS: readonly ViewKind[] = [
  {
    kind: "kanban",
    label: "view.kind.kanban",
    icon: Kanban,
    component: lazy(() => import("./KanbanView.vue")),
    settings,
    parts: [
      { name: "by", label: "view.part.by", required: true, fits: stored(...SORTERS) },
      { name: "lane", label: "view.part.lane", fits: stored(...SORTERS) },
      sum,
      cover,
      color,
    ],
    tools: ["sort", "columns"],
  },
  {
    kind: "calendar",
    label: "view.kind.calendar",
    icon: CalendarRange,
    component: lazy(() => import("./CalendarView.vue")),
    settings,
    parts: [start, end, color],
    tools: [],
  },
  {
    kind: "gantt",
    label: "view.kind.gantt",
    icon: ChartGantt,
    component: lazy(() => import("./GanttView.vue")),
    settings,
    parts: [
      start,
      end,
      { name: "progress", label: "view.part.progress", fits: of("percent", "progress", "number") },
      { name: "parent", label: "view.part.parent", fits: own("link_one") },
      { name: "after", label: "view.part.after", fits: own("link_many") },
      { name: "group", label: "view.part.group", fits: stored(...SORTERS) },
      color,
    ],
    tools: ["sort"],
  },
  {
    kind: "gallery",
    label: "view.kind.gallery",
    icon: GalleryVerticalEnd,
    component: lazy(() => import("./GalleryView.vue")),
    settings,
    parts: [cover, color],
    tools: ["sort", "columns"],
  },
  {
    kind: "map",
    label: "view.kind.map",
    icon: MapIcon,
    component: lazy(() => import("./MapView.vue")),
    parts: [
      { name: "place", label: "view.part.place", fits: stored("location") },
      { name: "region", label: "view.part.region", fits: stored("address", "cascader", "select", "radio", "text", "textarea") },
      sum,
      color,
    ],
    tools: ["sort"],
  },
  {
    kind: "tree",
    label: "view.kind.tree",
    icon: ListTree,
    component: lazy(() => import("./TreeView.vue")),
    parts: [{ name: "parent", label: "view.part.parent", required: true, fits: own("link_one") }, sum],
    tools: ["sort", "columns"],
  },
  {
    kind: "resource",
    label: "view.kind.resource",
    icon: Users,
    component: lazy(() => import("./ResourceView.vue")),
    settings,
    parts: [
      { name: "by", label: "view.part.rows", required: true, fits: stored(...SORTERS) },
      start,
      end,
      { name: "load", label: "view.part.load", fits: of(...NUMBERS) },
      color,
    ],
    tools: [],
  },
];
