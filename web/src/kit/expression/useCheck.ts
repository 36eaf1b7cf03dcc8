import { onBeforeUnmount, shallowRef, watch, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";

import { placed } from "./places";
import type { ExpressionAnswer, ExpressionQuestion, ExpressionSource } from "./types";

const PAUSE_MS = 220;

export interface Check {
  /** The last answer and the text it is about; findings of an older text must not be drawn on a newer one. */
  answer: ShallowRef<{ src: string; answer: ExpressionAnswer } | null>;
  waiting: ShallowRef<boolean>;
  failed: ShallowRef<boolean>;
  again: () => void;
}

/** Asks about the text after every pause in writing; a newer question drops the older one. */
export function useCheck(source: () => ExpressionSource, question: () => ExpressionQuestion): Check {
  const answer: Check["answer"] = shallowRef(null);
  const waiting = shallowRef(false);
  const failed = shallowRef(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;

  async function ask(): Promise<void> {
    running?.abort();
    const call = (running = new AbortController());
    const asked = question();
    if (!asked.src.trim()) {
      answer.value = null;
      waiting.value = failed.value = false;
      return;
    }
    try {
      const found = await source().check(asked, call.signal);
      if (call.signal.aborted) return;
      answer.value = { src: asked.src, answer: placed(asked.src, found) };
      failed.value = false;
    } catch (problem) {
      if (call.signal.aborted || isAbort(problem)) return;
      failed.value = true; // the status line says so; the next key or "again" asks anew
    }
    waiting.value = false;
  }

  function again(pause = 0): void {
    clearTimeout(timer);
    waiting.value = true;
    timer = setTimeout(() => void ask(), pause);
  }

  watch(
    () => JSON.stringify(question()),
    () => again(PAUSE_MS),
  );
  again();
  onBeforeUnmount(() => {
    clearTimeout(timer);
    running?.abort();
  });
  return { answer, waiting, failed, again: () => again() };
}
