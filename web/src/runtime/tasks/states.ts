import type { Key } from "@/i18n";
import type { Tone } from "@/kit/types";

/** Words and colours of what can become of a task or a run; an unknown state is shown as the server wrote it. */
const STATES: Record<string, { label: Key; tone: Tone }> = {
  open: { label: "flow.open", tone: "warn" },
  waiting: { label: "flow.waiting", tone: "neutral" },
  running: { label: "flow.running", tone: "info" },
  approved: { label: "flow.approved", tone: "ok" },
  done: { label: "flow.approved", tone: "ok" },
  completed: { label: "flow.approved", tone: "ok" },
  rejected: { label: "flow.rejected", tone: "bad" },
  returned: { label: "flow.returned", tone: "warn" },
  withdrawn: { label: "flow.withdrawn", tone: "neutral" },
  transferred: { label: "flow.transferred", tone: "neutral" },
  cancelled: { label: "flow.cancelled", tone: "neutral" },
  terminated: { label: "flow.cancelled", tone: "neutral" },
  failed: { label: "flow.failed", tone: "bad" },
};

export function flowState(state: string): { label: Key | null; tone: Tone } {
  return STATES[state] ?? { label: null, tone: "neutral" };
}

/** Past-tense words of an act in a timeline. */
const ACTS: Record<string, { label: Key; tone: Tone }> = {
  start: { label: "flow.actStart", tone: "info" },
  started: { label: "flow.actStart", tone: "info" },
  submit: { label: "flow.actStart", tone: "info" },
  approve: { label: "flow.actApprove", tone: "ok" },
  approved: { label: "flow.actApprove", tone: "ok" },
  reject: { label: "flow.actReject", tone: "bad" },
  rejected: { label: "flow.actReject", tone: "bad" },
  return: { label: "flow.actReturn", tone: "warn" },
  returned: { label: "flow.actReturn", tone: "warn" },
  resubmit: { label: "flow.actResubmit", tone: "info" },
  resubmitted: { label: "flow.actResubmit", tone: "info" },
  transfer: { label: "flow.actTransfer", tone: "neutral" },
  reassign: { label: "flow.actTransfer", tone: "neutral" },
  withdraw: { label: "flow.actWithdraw", tone: "neutral" },
  comment: { label: "flow.actComment", tone: "neutral" },
  remind: { label: "flow.actRemind", tone: "neutral" },
};

export function actOf(name: string): { label: Key | null; tone: Tone } {
  return ACTS[name] ?? { label: null, tone: "neutral" };
}
