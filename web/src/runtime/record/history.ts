import type { CommentRow } from "@/api/around";
import type { FieldMeta, FlowInstance, HistoryEntry, RecordFlows, Text, TimelineEntry } from "@/api/types";
import type { Tone } from "@/kit/types";

import { worthTelling } from "../tasks/states";

/** One line of the activity of a record, whatever it came from. */
export interface ActivityItem {
  id: string;
  time: string;
  who: string;
  kind: "change" | "flow" | "comment" | "touch";
  action: string;
  tone: Tone;
  changes: { field: FieldMeta | undefined; key: string; label: Text; before: HistoryEntry["changes"][number]["before"]; after: HistoryEntry["changes"][number]["after"] }[];
  node?: Text;
  flow?: Text;
  comment?: string;
  auto?: boolean;
  result?: string;
  to?: string;
  said?: CommentRow;
  /** A call, a visit, a meeting: a record of its own that belongs to this one. */
  touch?: { entity: string; id: string; title: string; text: string; of: Text };
}

export type ActivityFilter = "all" | "comment" | "change" | "flow" | "touch" | "file";

const FILES = new Set(["file", "image", "audio", "signature"]);

/** Whether an item is told under a heading of the story. */
export function told(item: ActivityItem, under: ActivityFilter): boolean {
  if (under === "all" || item.kind === under) return true;
  if (under !== "file") return false;
  return Boolean(item.said?.files.length) || item.changes.some((change) => change.field && FILES.has(change.field.type));
}

const CHANGE_TONE: Record<string, Tone> = { create: "ok", update: "neutral", delete: "bad", restore: "info" };

function ofHistory(entry: HistoryEntry, field: (key: string) => FieldMeta | undefined): ActivityItem {
  return {
    id: `h${entry.id}`,
    time: entry.at,
    who: entry.actor?.name ?? "",
    kind: "change",
    action: entry.action,
    tone: CHANGE_TONE[entry.action] ?? "neutral",
    changes: entry.changes.map((change) => ({ ...change, key: change.field, field: field(change.field), label: change.label ?? change.field })),
  };
}

function ofFlow(entry: TimelineEntry, index: number, instance: FlowInstance): ActivityItem {
  return {
    id: `f${instance.id}-${index}`,
    time: entry.at,
    who: entry.actor.name,
    kind: "flow",
    action: entry.kind,
    tone: "neutral",
    changes: [],
    node: entry.node?.label,
    flow: instance.flow.label,
    comment: entry.comment || undefined,
    auto: Boolean(entry.auto),
    result: entry.result,
    to: entry.to?.name,
  };
}

/** Changes and approvals of a record as one story, newest first. */
export function activityOf(
  history: readonly HistoryEntry[],
  flows: RecordFlows | null,
  field: (key: string) => FieldMeta | undefined,
  beside: readonly ActivityItem[] = [],
): ActivityItem[] {
  // Where a run stands is told by the run's own lines.
  const items = history
    .map((entry) => ofHistory(entry, field))
    .map((item) => ({ ...item, changes: item.changes.filter((change) => change.key !== "flow_state") }))
    .filter((item) => item.action !== "update" || item.changes.length);
  for (const instance of flows?.instances ?? []) {
    (instance.timeline ?? []).forEach((entry, index) => {
      if (worthTelling(entry)) items.push(ofFlow(entry, index, instance));
    });
  }
  items.push(...[...beside].sort((a, b) => (a.time < b.time ? -1 : 1)));
  // Newest first; within one instant what was written later stands above.
  return items.reverse().sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
}
