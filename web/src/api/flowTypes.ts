import type { FormMeta, Labels, Level, RecordRow, Text } from "./types";

/** One line of the history of a run, oldest first. */
export interface TimelineEntry {
  at: string;
  kind: string;
  actor: { id: string; name: string };
  node: { id: string; label: Text } | null;
  comment?: string;
  /** Why the product decided by itself; empty for people. */
  auto?: string;
  result?: string;
  to?: { id: string; name: string };
}

export interface FlowStep {
  id: string;
  label: Text;
  state: "done" | "current" | "waiting" | "rejected" | "skipped";
  people?: { id: string; name: string; state?: string; auto?: boolean; comment?: string; at?: string | null }[];
}

export interface FlowInstance {
  id: string;
  flow: { key: string; label: Text };
  state: string;
  started_at?: string;
  started_by?: { id: string; name: string };
  ended_at?: string | null;
  can_withdraw?: boolean;
  can_urge?: boolean;
  steps?: FlowStep[];
  timeline?: TimelineEntry[];
  /** Seat of the person reading, when something waits for them. */
  task?: string | null;
}

export interface RecordFlows {
  startable: { key: string; label: Text; reason?: string }[];
  instances: FlowInstance[];
}

export type TaskBox = "open" | "done" | "started";

export interface TaskSummary {
  id: string;
  app: string;
  entity: string;
  entity_label?: Text;
  record_id: string;
  title: string;
  flow: { key: string; label: Text };
  node: { id: string; label: Text } | null;
  /** `instance`: a run one started; its id is the run's. */
  kind?: string;
  initiator: { id: string; name: string };
  created_at: string;
  due_at: string | null;
  summary: { label: Text; text: string; key?: string; type?: string }[];
  state: string;
  result?: string;
  rev: number;
}

export interface TaskPage {
  tasks: TaskSummary[];
  next_cursor: string;
  open_count: number;
}

export interface TaskDetail extends TaskSummary {
  record: RecordRow | null;
  labels?: Labels;
  levels?: Record<string, Level>;
  form?: FormMeta;
  actions: string[];
  timeline: TimelineEntry[];
  steps: FlowStep[];
  return_to?: { id: string; label: Text }[];
  /** When a comment must be written. */
  comment?: "optional" | "reject" | "always";
}
