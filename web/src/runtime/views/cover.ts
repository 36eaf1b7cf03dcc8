import type { FieldMeta, FileItem, RecordRow } from "@/api/types";

const SHOWN = /^image\/(png|jpe?g|gif|webp|avif|bmp)$/;

/** The first picture of a field of files. */
export function coverOf(row: RecordRow, field: FieldMeta | undefined): FileItem | undefined {
  const value = field && row.values[field.key];
  if (!Array.isArray(value)) return undefined;
  return (value as unknown as FileItem[]).find((file) => file && typeof file === "object" && SHOWN.test(file.type));
}

/** One of the calm patterns a card without a picture shows, always the same for a record. */
export function patternOf(id: string, patterns: number): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return sum % patterns;
}
