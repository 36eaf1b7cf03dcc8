import type { ImportPlan, ImportUpload } from "@/api/imports";

const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
/** A cell that a spreadsheet would run as a formula is written as text. */
const safe = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell);

export const csvOf = (rows: readonly (readonly string[])[]): string =>
  "\ufeff" + rows.map((row) => row.map((cell) => quote(safe(cell))).join(",")).join("\r\n") + "\r\n";

/** What was copied in a spreadsheet (lines of tab-separated cells) as a file; null when it is no table. */
export function pastedTable(text: string): File | null {
  const rows = text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.split("\t"));
  if (rows.length < 2 || (rows[0]?.length ?? 0) < 1) return null;
  const csv = "\ufeff" + rows.map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
  return new File([csv], "paste.csv", { type: "text/csv" });
}

/** The refused rows of a dry run as a table to work through. */
export const planErrors = (plan: ImportPlan, heads: readonly string[]): string =>
  csvOf([[...heads], ...plan.rows.flatMap((row) => row.findings.map((finding) => [String(row.row), finding.place.replace(/^\//, ""), finding.text]))]);

export const sheetNames = (uploaded: ImportUpload): string[] =>
  uploaded.sheets.map((sheet) => (typeof sheet === "string" ? sheet : sheet.name));

/** A file's name without its ending: a first name for the application made from it. */
export const titleOfFile = (name: string): string => name.replace(/\.[^.]+$/, "").trim().slice(0, 60);
