import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { ProblemError } from "@/api/problem";
import { getRecord, updateRecord } from "@/api/records";
import type { FieldMeta, Finding, RecordRow, Values } from "@/api/types";
import { t } from "@/i18n";
import { useToast } from "@/kit/toast";

import type { ViewHost } from "../list/viewKinds";
import { placeFindings } from "../record/findings";
import { problemText } from "../shared/problems";

/** A write that a rule wants more for: the fields to fill in, the rules that want a reason. */
export interface Need {
  row: RecordRow;
  values: Values;
  fields: FieldMeta[];
  /** What stands in these fields now. */
  present: Values;
  findings: Finding[];
  warnings: Finding[];
  settle: (given: Given | null) => void;
}

export interface Given {
  values: Values;
  reasons: Record<string, string>;
}

export interface Writes {
  need: ShallowRef<Need | null>;
  /** Last thing that happened, for people who do not see it. */
  told: Ref<string>;
  tell: (text: string) => void;
  /**
   * Write values into a record, asking for what rules want besides. Resolves to the record as it is now, or null when it
   * stays as it was; the person has been told why. `done` is said with the way back.
   */
  write: (row: RecordRow, values: Values, done: string) => Promise<RecordRow | null>;
}

const ruleOf = (finding: Finding): string | undefined => (finding as Finding & { rule?: string }).rule;

/** Moves of records in views: an ordinary update with its revision, so every rule of the application holds. */
export function useWrites(host: ViewHost, changed: (row: RecordRow) => void): Writes {
  const toast = useToast();
  const need = shallowRef<Need | null>(null);
  const told = ref("");

  /** What would mend a refusal: writable fields that are no part of the move, and reasons. Null when nothing would. */
  function mendable(problem: ProblemError, moved: Values): { fields: FieldMeta[]; warnings: Finding[] } | null {
    const warnings = problem.findings.filter((finding) => finding.severity === "warning" && ruleOf(finding));
    const { placed, general } = placeFindings(
      problem.findings.filter((finding) => !warnings.includes(finding)),
      (key) => host.entity.field(key) !== undefined,
    );
    const fields = [...new Set(placed.map((one) => one.field))].flatMap((key) => host.entity.field(key) ?? []);
    const open = fields.every((field) => !(field.key in moved) && field.level === "write" && !field.system && field.type !== "subtable");
    return !general.length && open && (fields.length || warnings.length) ? { fields, warnings } : null;
  }

  async function more(row: RecordRow, moved: Values, problem: ProblemError): Promise<{ given: Given; present: Values } | null> {
    const mend = problem.refused ? mendable(problem, moved) : null;
    if (!mend) {
      told.value = problem.stale ? t("views.stale") : problemText(problem);
      toast.bad(told.value);
      return null;
    }
    const { record, labels } = await getRecord(host.app.key, host.entity.key, row.id);
    host.learn(labels);
    const given = await new Promise<Given | null>((settle) => {
      need.value = { row, values: moved, ...mend, present: record.values, findings: problem.findings, settle };
    });
    need.value = null;
    return given && { given, present: record.values };
  }

  async function write(row: RecordRow, moved: Values, done: string): Promise<RecordRow | null> {
    let values = moved;
    let reasons: Record<string, string> = {};
    let before = row.values;
    for (;;) {
      try {
        const answer = await updateRecord(host.app.key, host.entity.key, row.id, row.rev, values, { reasons });
        host.learn(answer.labels);
        const old = Object.fromEntries(Object.keys(values).map((key) => [key, before[key] ?? null]));
        told.value = done;
        toast.undo(done, () => void undo(answer.record, old));
        return answer.record;
      } catch (problem) {
        if (!(problem instanceof ProblemError)) throw problem;
        const found = await more(row, moved, problem);
        if (!found) return null;
        values = { ...values, ...found.given.values };
        reasons = { ...reasons, ...found.given.reasons };
        before = { ...found.present, ...row.values };
      }
    }
  }

  async function undo(row: RecordRow, values: Values): Promise<void> {
    try {
      const answer = await updateRecord(host.app.key, host.entity.key, row.id, row.rev, values);
      host.learn(answer.labels);
      changed(answer.record);
      told.value = t("list.undone");
      toast.ok(t("list.undone"));
    } catch (problem) {
      toast.bad(problemText(problem));
    }
  }

  return { need, told, tell: (text) => (told.value = text), write };
}
