import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { newId } from "@/api/ids";
import { isAbort, ProblemError } from "@/api/problem";
import { actOnTask, getTask, type TaskAction } from "@/api/tasks";
import type { Finding, TaskDetail } from "@/api/types";

export type ActOutcome = "done" | "stale" | "refused" | "failed";

export interface TaskStore {
  task: ShallowRef<TaskDetail | null>;
  error: ShallowRef<unknown>;
  /** The action under way. */
  busy: Ref<string>;
  /** Someone else, or another window, was faster. */
  stale: Ref<boolean>;
  findings: ShallowRef<Finding[]>;
  failure: ShallowRef<unknown>;
  load: () => Promise<void>;
  act: (action: TaskAction) => Promise<ActOutcome>;
}

/** One task: read, decide once. Pressing twice, or again after a lost answer, decides once. */
export function useTask(id: () => string): TaskStore {
  const task = shallowRef<TaskDetail | null>(null);
  const error = shallowRef<unknown>(null);
  const busy = ref("");
  const stale = ref(false);
  const findings = shallowRef<Finding[]>([]);
  const failure = shallowRef<unknown>(null);
  let control: AbortController | null = null;
  const commands = new Map<string, string>();

  async function load(): Promise<void> {
    control?.abort();
    control = new AbortController();
    error.value = null;
    try {
      task.value = await getTask(id(), control.signal);
    } catch (problem) {
      if (!isAbort(problem)) error.value = problem;
    }
  }

  async function act(action: TaskAction): Promise<ActOutcome> {
    if (busy.value || !task.value) return "failed";
    busy.value = action.action;
    failure.value = null;
    findings.value = [];
    const intent = JSON.stringify(action);
    const command = commands.get(intent) ?? newId();
    commands.set(intent, command);
    try {
      await actOnTask(id(), { ...action, expected_rev: task.value.rev }, command);
      commands.clear();
      return "done";
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem;
      if (problem.stale || problem.notFound) {
        stale.value = true;
        commands.clear();
        await load();
        return "stale";
      }
      if (problem.findings.length) {
        findings.value = problem.findings;
        commands.clear();
        return "refused";
      }
      failure.value = problem;
      return "failed";
    } finally {
      busy.value = "";
    }
  }

  return { task, error, busy, stale, findings, failure, load, act };
}
