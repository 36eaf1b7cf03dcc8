import type { RouteLocationNormalizedLoaded, RouteLocationRaw } from "vue-router";

import type { AppModel } from "@/api/metadata";
import type { MenuEntry } from "@/api/types";
import { say } from "@/i18n";

/** A line of the application's menu as the shell draws it. */
export interface MenuNode {
  id: string;
  label: string;
  icon: string;
  to?: RouteLocationRaw;
  children?: MenuNode[];
  active: (route: RouteLocationNormalizedLoaded) => boolean;
}

/** An entity listed twice is lit by its view; its first line also by the address without one. */
function listNode(app: AppModel, entry: MenuEntry, seen: Set<string>): MenuNode {
  const entity = entry.entity ?? "";
  const first = !seen.has(entity);
  seen.add(entity);
  return {
    id: entry.id,
    label: say(entry.label),
    icon: entry.icon || app.entity(entity)?.meta.icon || "table",
    to: { name: "list", params: { app: app.key, entity }, query: entry.view ? { v: entry.view } : {} },
    active: (route) =>
      route.params.app === app.key &&
      route.params.entity === entity &&
      (entry.view && route.query.v ? route.query.v === entry.view : first),
  };
}

function nodeOf(app: AppModel, entry: MenuEntry, seen: Set<string>): MenuNode | null {
  if (entry.kind === "folder") {
    const children = nodesOf(app, entry.items ?? [], seen);
    if (!children.length) return null;
    return {
      id: entry.id,
      label: say(entry.label),
      icon: entry.icon || "folder",
      children,
      active: (route) => children.some((child) => child.active(route)),
    };
  }
  if (entry.kind === "dashboard") {
    return {
      id: entry.id,
      label: say(entry.label),
      icon: entry.icon || "chart-column",
      to: { name: "dashboard", params: { app: app.key, key: entry.dashboard ?? "" } },
      active: (route) => route.name === "dashboard" && route.params.app === app.key && route.params.key === entry.dashboard,
    };
  }
  return entry.entity ? listNode(app, entry, seen) : null;
}

function nodesOf(app: AppModel, entries: readonly MenuEntry[], seen: Set<string>): MenuNode[] {
  return entries.flatMap((entry) => nodeOf(app, entry, seen) ?? []);
}

/** The application's menu; without one of its own, every list and dashboard the person may see. */
export function menuOf(app: AppModel): MenuNode[] {
  const seen = new Set<string>();
  const own = nodesOf(app, app.meta.menu, seen);
  if (own.length) return own;
  const entries: MenuEntry[] = [
    ...app.meta.entities
      .filter((entity) => !entity.parent)
      .map((entity): MenuEntry => ({ id: entity.id, kind: "entity", label: entity.label, icon: entity.icon, entity: entity.key })),
    ...app.meta.dashboards.map((item): MenuEntry => ({ id: item.id, kind: "dashboard", label: item.label, dashboard: item.key })),
  ];
  return nodesOf(app, entries, seen);
}

/** Every line that leads somewhere, folders opened. */
export function leaves(nodes: readonly MenuNode[]): MenuNode[] {
  return nodes.flatMap((node) => (node.children ? leaves(node.children) : [node]));
}
