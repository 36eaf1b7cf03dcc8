import { shallowReactive } from "vue";

import { t } from "@/i18n";

export interface ToastOptions {
  tone?: "neutral" | "ok" | "bad" | "info";
  action?: { label: string; run: () => void };
  /** Milliseconds on screen; 0 stays until closed. */
  timeout?: number;
}

export interface Toast extends ToastOptions {
  id: number;
  text: string;
}

export const toasts = shallowReactive<Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let counter = 0;

export function dismissToast(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const at = toasts.findIndex((toast) => toast.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

/** Hold the clocks while someone reads or is about to press the action; `resume` starts them again. */
export function holdToasts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
}

export function resumeToasts(): void {
  for (const toast of toasts) arm(toast);
}

function arm(toast: Toast): void {
  const wait = toast.timeout ?? (toast.action || toast.tone === "bad" ? 8000 : 4000);
  if (wait) timers.set(toast.id, setTimeout(() => dismissToast(toast.id), wait));
}

function show(text: string, options: ToastOptions = {}): number {
  const toast: Toast = { ...options, id: (counter += 1), text };
  while (toasts.length >= 3) dismissToast(toasts[0]!.id);
  toasts.push(toast);
  arm(toast);
  return toast.id;
}

/** Short messages at the edge of the page. `undo` offers to take the thing back. */
export function useToast() {
  return {
    show,
    dismiss: dismissToast,
    ok: (text: string, options: ToastOptions = {}) => show(text, { tone: "ok", ...options }),
    bad: (text: string, options: ToastOptions = {}) => show(text, { tone: "bad", ...options }),
    info: (text: string, options: ToastOptions = {}) => show(text, { tone: "info", ...options }),
    undo: (text: string, run: () => void) => show(text, { tone: "ok", action: { label: t("kit.undo"), run } }),
  };
}
