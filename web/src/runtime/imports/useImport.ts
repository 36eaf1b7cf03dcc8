import { computed, onScopeDispose, reactive, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import {
  BLANK_WORDS,
  createAppFrom,
  getImport,
  planImport,
  runImport,
  undoImport,
  uploadImport,
  uploadNewApp,
  type ImportMode,
  type ImportPlan,
  type ImportRun,
  type ImportUpload,
} from "@/api/imports";
import { loadMe } from "@/api/people";
import { isAbort, ProblemError } from "@/api/problem";
import type { Finding } from "@/api/types";

import { titleOfFile } from "./table";

export type Step = "file" | "columns" | "check" | "run";

const POLL_MS = 700;

export interface NewColumn {
  include: boolean;
  type: string;
}

export interface ImportStore {
  step: Ref<Step>;
  app: Ref<string>;
  entity: Ref<string>;
  fresh: boolean;
  uploaded: ShallowRef<ImportUpload | null>;
  /** Heading → field key, null: left out. */
  mapping: Record<string, string | null>;
  columns: Record<string, NewColumn>;
  name: Ref<string>;
  mode: Ref<ImportMode>;
  key: Ref<string | null>;
  blanks: Ref<boolean>;
  plan: ShallowRef<ImportPlan | null>;
  run: ShallowRef<ImportRun | null>;
  busy: Ref<boolean>;
  share: Ref<number>;
  findings: ShallowRef<Finding[]>;
  failure: ShallowRef<unknown>;
  mapped: ComputedRef<string[]>;
  send: (file: File, sheet?: string) => Promise<void>;
  chooseSheet: (sheet: string) => Promise<void>;
  check: () => Promise<void>;
  start: () => Promise<void>;
  undo: () => Promise<void>;
  resume: (id: string) => Promise<void>;
  restart: () => void;
}

/** An import from the file to the result. `fresh` makes an application of the table instead of filling one. */
export function useImport(given: { app: string; entity: string; fresh: boolean }): ImportStore {
  const step = ref<Step>("file");
  const app = ref(given.app);
  const entity = ref(given.entity);
  const uploaded = shallowRef<ImportUpload | null>(null);
  const mapping = reactive<Record<string, string | null>>({});
  const columns = reactive<Record<string, NewColumn>>({});
  const name = ref("");
  const mode = ref<ImportMode>("create");
  const key = ref<string | null>(null);
  const blanks = ref(true);
  const plan = shallowRef<ImportPlan | null>(null);
  const run = shallowRef<ImportRun | null>(null);
  const busy = ref(false);
  const share = ref(0);
  const findings = shallowRef<Finding[]>([]);
  const failure = shallowRef<unknown>(null);
  let file: File | null = null;
  let made = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  const mapped = computed(() =>
    given.fresh ? Object.keys(columns).filter((heading) => columns[heading]?.include) : Object.keys(mapping).filter((heading) => mapping[heading]),
  );

  async function work(action: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    findings.value = [];
    try {
      await action();
    } catch (problem) {
      if (isAbort(problem)) return;
      if (!(problem instanceof ProblemError)) throw problem;
      if (problem.findings.length) findings.value = problem.findings;
      else failure.value = problem;
    } finally {
      busy.value = false;
    }
  }

  function adopt(answer: ImportUpload): void {
    uploaded.value = answer;
    plan.value = null;
    made = "";
    for (const heading of Object.keys(mapping)) delete mapping[heading];
    for (const heading of Object.keys(columns)) delete columns[heading];
    for (const column of answer.columns) {
      mapping[column.name] = column.guess.field ?? null;
      columns[column.name] = { include: true, type: column.guess.type };
    }
    if (!name.value) name.value = titleOfFile(answer.name);
    step.value = "columns";
  }

  const send = (chosen: File, sheet = "") =>
    work(async () => {
      file = chosen;
      share.value = 0;
      const onProgress = (done: number) => (share.value = done);
      adopt(
        given.fresh
          ? await uploadNewApp(chosen, sheet, { onProgress })
          : await uploadImport(app.value, entity.value, chosen, sheet, { onProgress }),
      );
    });

  /** The application is made once; going back and checking again keeps it. */
  async function makeApp(): Promise<void> {
    if (!uploaded.value || made) return;
    const chosen = uploaded.value.columns.map((column) => ({
      name: column.name,
      key: column.guess.key,
      type: columns[column.name]?.type ?? column.guess.type,
      include: columns[column.name]?.include ?? true,
    }));
    const answer = await createAppFrom(uploaded.value.id, name.value.trim(), chosen);
    made = answer.import;
    app.value = answer.app.key;
    entity.value = answer.entity;
    for (const column of chosen) mapping[column.name] = column.include ? column.key : null;
    await loadMe();
  }

  const runId = (): string => made || (uploaded.value?.id ?? run.value?.id ?? "");

  async function follow(): Promise<void> {
    clearTimeout(timer);
    try {
      run.value = await getImport(app.value, runId());
      failure.value = null;
    } catch (problem) {
      if (isAbort(problem)) return;
      // The work goes on without us: keep asking, and say that the line is bad.
      failure.value = problem;
    }
    if (!run.value || run.value.state === "running" || run.value.state === "undoing") timer = setTimeout(() => void follow(), POLL_MS);
  }

  onScopeDispose(() => clearTimeout(timer));

  return {
    step,
    app,
    entity,
    fresh: given.fresh,
    uploaded,
    mapping,
    columns,
    name,
    mode,
    key,
    blanks,
    plan,
    run,
    busy,
    share,
    findings,
    failure,
    mapped,
    send,
    chooseSheet: async (sheet) => {
      if (file) await send(file, sheet);
    },
    check: () =>
      work(async () => {
        if (given.fresh) await makeApp();
        const chosen = Object.fromEntries(Object.entries(mapping).filter(([, field]) => field));
        plan.value = await planImport(app.value, runId(), {
          mapping: chosen,
          mode: mode.value,
          key: mode.value === "create" ? undefined : (key.value ?? undefined),
          blank_words: blanks.value ? BLANK_WORDS : [],
        });
        step.value = "check";
      }),
    start: () =>
      work(async () => {
        run.value = await runImport(app.value, runId());
        step.value = "run";
        await follow();
      }),
    undo: () =>
      work(async () => {
        run.value = await undoImport(app.value, runId());
        await follow();
      }),
    resume: (id) =>
      work(async () => {
        made = id;
        run.value = await getImport(app.value, id);
        entity.value = run.value.entity;
        step.value = "run";
        await follow();
      }),
    restart() {
      clearTimeout(timer);
      uploaded.value = plan.value = run.value = null;
      findings.value = [];
      failure.value = null;
      made = "";
      step.value = "file";
    },
  };
}
