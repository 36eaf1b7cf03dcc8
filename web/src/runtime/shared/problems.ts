import { ProblemError } from "@/api/problem";
import { t } from "@/i18n";

/** One sentence for a person about a failed request; anything else is a fault of the program and is passed on. */
export function problemText(error: unknown): string {
  if (!(error instanceof ProblemError)) throw error;
  if (error.offline) return t("problem.offline");
  const first = error.findings[0]?.text;
  const sentence = error.findings.length === 1 && first ? first : error.detail || error.title || first;
  if (sentence) return sentence;
  if (error.status >= 500) return t("problem.server", { trace: error.traceId || String(error.status) });
  if (error.notFound) return t("problem.missing");
  if (error.status === 403) return t("problem.forbidden");
  return t("problem.failed");
}
