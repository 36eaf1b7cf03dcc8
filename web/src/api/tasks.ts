import { api, pathOf } from "./client";
import type { TaskBox, TaskDetail, TaskPage, Values } from "./types";

export const listTasks = (box: TaskBox, cursor = "", signal?: AbortSignal) =>
  api.get<TaskPage>("/tasks", { query: { box, cursor: cursor || undefined, limit: 30 }, signal });

export const getTask = (id: string, signal?: AbortSignal) => api.get<TaskDetail>(pathOf("tasks", id), { signal });

export interface TaskAction {
  action: string;
  comment?: string;
  values?: Values;
  /** Person a task is handed to. */
  to?: string;
  expected_rev?: number;
}

export const actOnTask = (id: string, action: TaskAction, commandId: string) =>
  api.post<{ state?: string; task?: TaskDetail }>(
    pathOf("tasks", id, "actions"),
    { command_id: commandId, ...action },
    { idempotencyKey: commandId },
  );
