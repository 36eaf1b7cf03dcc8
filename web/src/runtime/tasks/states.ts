import { say, t, type Key } from "@/i18n";
import type { FlowStep, TimelineEntry } from "@/api/types";
import type { StepItem, Tone } from "@/kit/types";

interface Word {
  label: Key;
  tone: Tone;
}

/** Words and colours of what can become of a task or a run; an unknown state is shown as the server wrote it. */
const STATES: Record<string, Word> = {
  open: { label: "flow.open", tone: "warn" },
  waiting: { label: "flow.waiting", tone: "neutral" },
  running: { label: "flow.running", tone: "info" },
  approved: { label: "flow.approved", tone: "ok" },
  done: { label: "flow.resubmitted", tone: "info" },
  rejected: { label: "flow.rejected", tone: "bad" },
  returned: { label: "flow.returned", tone: "warn" },
  abstained: { label: "flow.abstained", tone: "neutral" },
  withdrawn: { label: "flow.withdrawn", tone: "neutral" },
  reassigned: { label: "flow.reassigned", tone: "neutral" },
  cancelled: { label: "flow.settled", tone: "neutral" },
  stopped: { label: "flow.stopped", tone: "neutral" },
  held: { label: "flow.held", tone: "bad" },
};

export function flowState(state: string): { text: string; tone: Tone } {
  const word = STATES[state];
  return word ? { text: t(word.label), tone: word.tone } : { text: state, tone: "neutral" };
}

/** Lines of a run's history that mean something to people, in the past tense. What is not here is the engine's own. */
const ACTS: Record<string, Word> = {
  started: { label: "flow.actStart", tone: "info" },
  approved: { label: "flow.actApprove", tone: "ok" },
  rejected: { label: "flow.actReject", tone: "bad" },
  abstained: { label: "flow.actAbstain", tone: "neutral" },
  returned: { label: "flow.actReturn", tone: "warn" },
  resubmitted: { label: "flow.actResubmit", tone: "info" },
  reassigned: { label: "flow.actReassign", tone: "neutral" },
  claimed: { label: "flow.actClaim", tone: "neutral" },
  withdrawn: { label: "flow.actWithdraw", tone: "neutral" },
  stopped: { label: "flow.actStop", tone: "neutral" },
  comment: { label: "flow.actComment", tone: "neutral" },
  urged: { label: "flow.actUrge", tone: "neutral" },
  reminded: { label: "flow.actRemind", tone: "neutral" },
  edited: { label: "flow.actEdit", tone: "neutral" },
  held: { label: "flow.actHold", tone: "bad" },
  failed: { label: "flow.actHold", tone: "bad" },
  retried: { label: "flow.actRetry", tone: "neutral" },
};

export function actOf(kind: string): Word | null {
  return ACTS[kind] ?? null;
}

/** Lines worth reading: acts of people, reminders, troubles, the end. That a run came back is said by who sent it back. */
export function worthTelling(entry: TimelineEntry): boolean {
  if (entry.kind === "ended") return Boolean(entry.result);
  if (entry.kind === "returned" && !entry.actor.name) return false;
  return entry.kind in ACTS;
}

/** Steps of a run for the progress list: who is at each, and what they said. */
export function stepItems(steps: readonly FlowStep[]): StepItem[] {
  return steps.map((step) => ({
    id: step.id,
    label: say(step.label),
    state: step.state,
    hint: (step.people ?? [])
      .filter((person) => person.state !== "cancelled" || step.state === "skipped")
      .map((person) => (person.state ? `${person.name} ${flowState(person.state).text}` : person.name))
      .join(t("common.listJoin")),
  }));
}
