import { bulkRecords, previewRecords } from "@/api/records";
import type { BulkOperation, BulkOutcome } from "@/api/types";
import { newId } from "@/api/ids";
import { t } from "@/i18n";

/** Reasons shown at most; the rest are counted. */
const SHOWN = 5;

/** What would become of many writes. */
export interface BulkPreview {
  /** Writes that would be made. */
  good: BulkOperation[];
  blocked: number;
  /** Why the others would not be, the commonest first, with how many each keeps back. */
  reasons: { text: string; n: number }[];
}

export function previewOf(operations: readonly BulkOperation[], outcomes: readonly BulkOutcome[]): BulkPreview {
  const counts = new Map<string, number>();
  const good = operations.filter((_operation, index) => {
    const findings = outcomes[index]?.findings ?? [];
    for (const text of new Set(findings.map((finding) => finding.text))) counts.set(text, (counts.get(text) ?? 0) + 1);
    return !findings.length;
  });
  const reasons = [...counts].map(([text, n]) => ({ text, n })).toSorted((a, b) => b.n - a.n);
  return { good, blocked: operations.length - good.length, reasons };
}

/** Ask the server what would become of writes, without making them. */
export const previewBulk = async (app: string, entity: string, operations: BulkOperation[]): Promise<BulkPreview> =>
  previewOf(operations, (await previewRecords(app, entity, operations)).results);

/** Make the writes a preview found good: all of them, or none when one of them has become impossible meanwhile. */
export const makeBulk = (app: string, entity: string, good: BulkOperation[]) => bulkRecords(app, entity, good, newId());

/** Reasons as lines: how many, and why. */
export function reasonLines({ reasons }: BulkPreview): string[] {
  const lines = reasons.slice(0, SHOWN).map(({ text, n }) => t("list.blockedBy", { n, reason: text }));
  return reasons.length > SHOWN ? [...lines, t("list.andMore", { n: reasons.length - SHOWN })] : lines;
}
