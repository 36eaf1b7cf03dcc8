import { shallowRef } from "vue";

export interface Question {
  title: string;
  text?: string;
  /** What is concerned, one line each. */
  items?: string[];
  /** Word on the confirming button: a verb, never 确定. */
  confirm?: string;
  tone?: "primary" | "danger";
}

export const asked = shallowRef<{ question: Question; answer: (yes: boolean) => void } | null>(null);

/** Ask before something that cannot be taken back. Resolves false when the person backs out. */
export function useConfirm(): (question: Question) => Promise<boolean> {
  return (question) =>
    new Promise((resolve) => {
      asked.value?.answer(false);
      asked.value = { question, answer: resolve };
    });
}
