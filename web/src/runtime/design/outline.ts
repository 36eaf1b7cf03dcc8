import type { RouteLocationRaw } from "vue-router";

import type { AppModel } from "@/api/metadata";
import { say, type Key } from "@/i18n";

export interface OutlineItem {
  key: string;
  label: string;
  note: string;
  icon: string;
  to: RouteLocationRaw | null;
}

export interface OutlineGroup {
  key: string;
  title: Key;
  items: OutlineItem[];
}

/** What an application is made of, as a list for people: data, flows, dashboards. */
export function outline(app: AppModel, fieldCount: (n: number) => string): OutlineGroup[] {
  return [
    {
      key: "entities",
      title: "design.entities",
      items: app.entities.map((entity) => ({
        key: entity.key,
        label: say(entity.label),
        note: fieldCount(entity.fields.filter((field) => !field.system).length),
        icon: entity.meta.icon,
        to: { name: "list", params: { app: app.key, entity: entity.key } },
      })),
    },
    {
      key: "flows",
      title: "design.flows",
      items: app.meta.flows.map((flow) => ({
        key: flow.key,
        label: say(flow.label),
        note: say(app.entity(flow.entity)?.label),
        icon: "workflow",
        to: null,
      })),
    },
    {
      key: "dashboards",
      title: "design.dashboards",
      items: app.meta.dashboards.map((dashboard) => ({
        key: dashboard.key,
        label: say(dashboard.label),
        note: "",
        icon: "chart-column",
        to: { name: "dashboard", params: { app: app.key, key: dashboard.key } },
      })),
    },
  ];
}
