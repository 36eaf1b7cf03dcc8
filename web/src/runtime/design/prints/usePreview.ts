import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";
import { checkTemplate, previewTemplate, trialOf, type TemplateCheck, type TemplateFinding, type TemplatePreview, type WrittenTemplate } from "@/api/prints";

import { problemText } from "../../shared/problems";

const CHECK_MS = 300;
const DRAW_MS = 500;

export interface Preview {
  /** What was last drawn without a mistake; it stays while a text is wrong or a new page is made. */
  shown: ShallowRef<TemplatePreview | null>;
  findings: ShallowRef<readonly TemplateFinding[]>;
  drawing: Ref<boolean>;
  /** Why no page could be made, when the template is not to blame. */
  failure: Ref<string>;
  /** What the names of a text stand for, asked now. */
  check: () => Promise<TemplateCheck>;
  retry: () => void;
}

/** Check a template while it is written and draw its pages over a record: after a pause, the newest text wins. */
export function usePreview(
  place: () => { app: string; entity: string; published: boolean },
  template: () => WrittenTemplate,
  choice: () => { record: string; lang: string },
): Preview {
  const shown = shallowRef<TemplatePreview | null>(null);
  const findings = shallowRef<readonly TemplateFinding[]>([]);
  const drawing = ref(false);
  const failure = ref("");
  let control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    });

  async function work(wait: number, signal: AbortSignal): Promise<void> {
    const { app, entity, published } = place();
    const { record, lang } = choice();
    const written = structuredClone(template());
    await pause(wait, signal);
    drawing.value = true;
    try {
      const checked = await checkTemplate(app, entity, written, signal);
      findings.value = checked.findings;
      failure.value = "";
      if (checked.findings.length || !published) return;
      if (wait) await pause(DRAW_MS - CHECK_MS, signal);
      const made = await previewTemplate(app, entity, trialOf(written, record, lang), signal);
      findings.value = made.findings;
      if (!made.findings.length) shown.value = made;
    } catch (problem) {
      if (isAbort(problem)) return;
      failure.value = problemText(problem);
    } finally {
      if (!signal.aborted) drawing.value = false;
    }
  }

  function begin(wait: number): void {
    control.abort();
    control = new AbortController();
    void work(wait, control.signal);
  }

  watch([() => JSON.stringify(template()), () => JSON.stringify(choice())], ([now, choices], before) => begin(before[0] === undefined || choices !== before[1] || now === before[0] ? 0 : CHECK_MS), {
    immediate: true,
  });
  onScopeDispose(() => control.abort());

  return {
    shown,
    findings,
    drawing,
    failure,
    check: () => checkTemplate(place().app, place().entity, template()),
    retry: () => begin(0),
  };
}
