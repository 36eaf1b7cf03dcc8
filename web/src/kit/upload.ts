import type { FileItem } from "./types";

export interface UploadControl {
  onProgress: (share: number) => void;
  signal: AbortSignal;
}
export type Upload = (file: File, control: UploadControl) => Promise<FileItem>;

/** Whether a file fits an `accept` list such as `.pdf`, `image/*`, `text/csv`. */
export function accepted(file: { name: string; type: string }, accept: readonly string[]): boolean {
  if (!accept.length) return true;
  const name = file.name.toLowerCase();
  return accept.some((rule) => {
    const want = rule.trim().toLowerCase();
    if (want.startsWith(".")) return name.endsWith(want);
    if (want.endsWith("/*")) return file.type.startsWith(want.slice(0, -1));
    return file.type === want;
  });
}
