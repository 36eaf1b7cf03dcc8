import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { newId } from "@/api/ids";
import { isAbort } from "@/api/problem";
import { commandFlow, recordFlows, recordHistory, startFlow } from "@/api/records";
import type { HistoryEntry, Labels, RecordFlows } from "@/api/types";

import { mergeLabels } from "../shared/labels";

export interface RecordStory {
  history: ShallowRef<HistoryEntry[]>;
  flows: ShallowRef<RecordFlows | null>;
  error: ShallowRef<unknown>;
  ready: Ref<boolean>;
  busy: Ref<string>;
  load: (mayHistory: boolean) => Promise<void>;
  start: (flow: string) => Promise<void>;
  command: (instance: string, what: "withdraw" | "urge") => Promise<void>;
}

/** History and approvals of one record. A failure here never hides the record itself. */
export function useRecordFlows(place: () => { app: string; entity: string; id: string }, labels: ShallowRef<Labels>): RecordStory {
  const history = shallowRef<HistoryEntry[]>([]);
  const flows = shallowRef<RecordFlows | null>(null);
  const error = shallowRef<unknown>(null);
  const ready = ref(false);
  const busy = ref("");
  // One intent, one id: pressing again after a lost answer must not start twice.
  const commands = new Map<string, string>();
  const commandFor = (intent: string): string => {
    const known = commands.get(intent) ?? newId();
    commands.set(intent, known);
    return known;
  };

  async function load(mayHistory: boolean): Promise<void> {
    const { app, entity, id } = place();
    error.value = null;
    try {
      const [told, running] = await Promise.all([
        mayHistory ? recordHistory(app, entity, id) : Promise.resolve({ entries: [], labels: {} }),
        recordFlows(app, entity, id),
      ]);
      labels.value = mergeLabels(labels.value, told.labels);
      history.value = told.entries;
      flows.value = running;
      ready.value = true;
    } catch (problem) {
      if (!isAbort(problem)) error.value = problem;
    }
  }

  async function command(intent: string, work: (id: string) => Promise<unknown>): Promise<void> {
    if (busy.value) return;
    busy.value = intent;
    try {
      await work(commandFor(intent));
      commands.delete(intent);
    } finally {
      busy.value = "";
    }
  }

  return {
    history,
    flows,
    error,
    ready,
    busy,
    load,
    start: (flow) => command(`start:${flow}`, (id) => startFlow(place().app, flow, place().id, id)),
    command: (instance, what) => command(`${what}:${instance}`, (id) => commandFlow(instance, what, id)),
  };
}
