import type { DashboardMeta, WidgetMeta } from "@/api/types";

export interface PlacedWidget {
  widget: WidgetMeta;
  /** CSS grid lines, 1-based. */
  column: string;
  row: string;
  /** Grid units; also decide how a phone shows the widget. */
  width: number;
  height: number;
}

export const COLUMNS = 12;

/** Widgets on the 12-column grid in reading order, so that the tab order follows what is seen. */
export function placeWidgets(dashboard: DashboardMeta): PlacedWidget[] {
  const byId = new Map(dashboard.widgets.map((widget) => [widget.id, widget]));
  const seen = new Set<string>();
  const placed: PlacedWidget[] = [];
  let bottom = 0;
  for (const cell of [...dashboard.grid].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const widget = byId.get(cell.w);
    if (!widget || seen.has(cell.w)) continue;
    seen.add(cell.w);
    const width = Math.min(Math.max(1, cell.width), COLUMNS);
    const x = Math.min(Math.max(0, cell.x), COLUMNS - width);
    const height = Math.max(1, cell.height);
    bottom = Math.max(bottom, cell.y + height);
    placed.push({ widget, column: `${x + 1} / span ${width}`, row: `${cell.y + 1} / span ${height}`, width, height });
  }
  // A widget without a place (an older layout) goes below instead of vanishing.
  for (const widget of dashboard.widgets) {
    if (seen.has(widget.id)) continue;
    const height = widget.type === "kpi" ? 3 : 8;
    placed.push({ widget, column: `1 / span ${COLUMNS}`, row: `${bottom + 1} / span ${height}`, width: COLUMNS, height });
    bottom += height;
  }
  return placed;
}
