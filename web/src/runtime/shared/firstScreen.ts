import type { RouteLocationRaw } from "vue-router";

import type { AppModel } from "@/api/metadata";
import type { MenuEntry } from "@/api/types";

function screenOf(app: AppModel, entry: MenuEntry): RouteLocationRaw | null {
  if (entry.kind === "folder") {
    for (const item of entry.items ?? []) {
      const found = screenOf(app, item);
      if (found) return found;
    }
    return null;
  }
  if (entry.kind === "dashboard" && entry.dashboard) {
    return { name: "dashboard", params: { app: app.key, key: entry.dashboard } };
  }
  if (entry.entity) {
    return { name: "list", params: { app: app.key, entity: entry.entity }, query: entry.view ? { v: entry.view } : {} };
  }
  return null;
}

/** What an application opens with: the first entry of its menu, else its first list. Null when there is nothing. */
export function firstScreen(app: AppModel): RouteLocationRaw | null {
  for (const entry of app.meta.menu) {
    const found = screenOf(app, entry);
    if (found) return found;
  }
  const entity = app.entities.find((item) => item.can("read"));
  return entity ? { name: "list", params: { app: app.key, entity: entity.key } } : null;
}
