import { t, type Key } from "@/i18n";

const KNOWN = new Set(["text", "number", "boolean", "date", "datetime", "duration", "choice", "record", "person", "department", "file", "null"]);

/** What people call a kind of value. */
export function kindName(kind: string, list = false): string {
  const one = KNOWN.has(kind) ? t(`expr.kind.${kind}` as Key) : kind;
  return list ? t("expr.listOf", { kind: one }) : one;
}
