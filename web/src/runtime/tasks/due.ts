import { lang, type Key } from "@/i18n";
import type { TaskSummary } from "@/api/types";
import type { Tone } from "@/kit/types";

export type DueGroup = "late" | "today" | "soon" | "later" | "none";

export const DUE_ORDER: readonly DueGroup[] = ["late", "today", "soon", "later", "none"];

export const DUE_LABEL: Record<DueGroup, Key> = {
  late: "tasks.dueLate",
  today: "tasks.dueToday",
  soon: "tasks.dueSoon",
  later: "tasks.dueLater",
  none: "tasks.dueNone",
};

export const DUE_TONE: Record<DueGroup, Tone> = {
  late: "bad",
  today: "warn",
  soon: "info",
  later: "neutral",
  none: "neutral",
};

const DAY = 86_400_000;

/** How urgent a task is. `endOfToday` is the instant the person's day ends. */
export function dueGroup(task: Pick<TaskSummary, "due_at">, now: number, endOfToday: number): DueGroup {
  if (!task.due_at) return "none";
  const due = Date.parse(task.due_at);
  if (Number.isNaN(due)) return "none";
  if (due < now) return "late";
  if (due <= endOfToday) return "today";
  return due <= endOfToday + 3 * DAY ? "soon" : "later";
}

/** Nearest deadline first, those without one last, older before newer. */
export function byDeadline(a: TaskSummary, b: TaskSummary): number {
  if (a.due_at !== b.due_at) {
    if (!a.due_at) return 1;
    if (!b.due_at) return -1;
    return a.due_at < b.due_at ? -1 : 1;
  }
  return a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0;
}

const UNITS: readonly [Intl.NumberFormatOptions["unit"], number][] = [
  ["day", DAY],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** A length of time in its largest unit: `5 小时`, `2 days`. */
export function lengthOf(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? ["minute", 60_000];
  const count = Math.max(1, Math.floor(ms / size));
  return new Intl.NumberFormat(lang(), { style: "unit", unit, unitDisplay: "long" }).format(count);
}
