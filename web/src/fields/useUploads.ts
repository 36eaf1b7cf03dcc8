import { onBeforeUnmount, reactive } from "vue";

import type { FieldMeta, FileItem } from "@/api/types";
import { t } from "@/i18n";

import type { FieldContext } from "./contract";

/** A file on its way, or why it did not get there. */
export interface Running {
  key: number;
  name: string;
  share: number;
  error: string;
  call: AbortController;
}

/** Sends files of a field one by one; what is done goes to `done`, what failed stays listed with its reason. */
export function useUploads(ctx: () => FieldContext, field: () => FieldMeta, done: (file: FileItem) => void) {
  const running = reactive<Running[]>([]);
  let counter = 0;

  function drop(key: number): void {
    const at = running.findIndex((item) => item.key === key);
    if (at >= 0) running.splice(at, 1);
  }

  function fail(name: string, error: string): void {
    counter += 1;
    running.push({ key: counter, name, share: 0, error, call: new AbortController() });
  }

  async function send(file: File): Promise<boolean> {
    counter += 1;
    running.push({ key: counter, name: file.name, share: 0, error: "", call: new AbortController() });
    const item = running[running.length - 1]!;
    try {
      const sent = await ctx().upload(field(), file, { onProgress: (share) => (item.share = share), signal: item.call.signal });
      drop(item.key);
      done(sent);
      return true;
    } catch (failure) {
      if (item.call.signal.aborted) drop(item.key);
      else item.error = failure instanceof Error && failure.message ? failure.message : t("kit.uploadFailed");
      return false;
    }
  }

  function cancel(item: Running): void {
    item.call.abort();
    drop(item.key);
  }
  onBeforeUnmount(() => running.forEach((item) => item.call.abort()));
  return { running, send, fail, cancel };
}
