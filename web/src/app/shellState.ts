import { computed, ref, shallowRef, watch } from "vue";
import type { RouteLocationRaw } from "vue-router";

import { knownApp, loadApp, type AppModel } from "@/api/metadata";
import { loadMe } from "@/api/people";
import { listNotices } from "@/api/around";
import { api } from "@/api/client";
import { isAbort } from "@/api/problem";
import { session } from "@/api/session";
import type { AppSummary, TaskPage } from "@/api/types";
import { lang } from "@/i18n";
import { letterKeys } from "@/kit/hotkeys";

import { router } from "./router";

/** Things waiting for the person; shown beside 待办 everywhere. */
export const todo = ref(0);
/** Notices nobody has looked at yet; shown at the bell. */
export const unread = ref(0);
export const menuOpen = ref(false);
export const commandOpen = ref(false);
export const keysOpen = ref(false);
export const createOpen = ref(false);
export const profileOpen = ref(false);
/** What went wrong while the shell fetched who this is; null when nothing did. */
export const shellProblem = shallowRef<unknown>(null);

/** Key of the application the person is in; pages without one (待办, 设置) keep the last. */
export const appKey = ref("");
/** The application that did not load: there is none of that name, or not for this person. */
const failedApp = ref("");
export const currentApp = computed<AppModel | undefined>(() => (appKey.value ? knownApp(appKey.value) : undefined));
/** Whether the menu of an application is on its way. */
export const menuComing = computed(() => !!appKey.value && !currentApp.value && failedApp.value !== appKey.value);
export const currentSummary = computed<AppSummary | undefined>(() => session.apps.find((app) => app.key === appKey.value));

/** Last page in the 使用 mode, to come back to from 设计. */
let lastUsed: RouteLocationRaw | null = null;
export const lastUsePage = (): RouteLocationRaw => lastUsed ?? { name: "app", params: { app: appKey.value } };

export async function refreshTodo(): Promise<void> {
  const page = await api.get<TaskPage>("/tasks", { query: { box: "open", limit: 1 } });
  todo.value = page.open_count;
}

export async function refreshNotices(): Promise<void> {
  unread.value = (await listNotices("", 1)).unread;
}

/** The page shows what is wrong with the application; the menu then offers the others. */
function fetchMenu(key: string): void {
  failedApp.value = "";
  loadApp(key).catch(() => (failedApp.value = key));
}

const POLL_MS = 60_000;
const LAST_APP = "dougong.app";

/** Pages outside an application (首页, 待办) keep the menu of the one used last, or of the only one. */
function settleApp(): void {
  if (appKey.value) return;
  const last = localStorage.getItem(LAST_APP);
  const found = session.apps.find((app) => app.key === last) ?? (session.apps.length === 1 ? session.apps[0] : undefined);
  if (!found) return;
  appKey.value = found.key;
  fetchMenu(found.key);
}

function poll(): void {
  if (document.visibilityState !== "visible") return;
  // A number beside a bell is not worth a message: the next minute tries again.
  refreshTodo().catch((error: unknown) => {
    if (!isAbort(error)) todo.value = 0;
  });
  refreshNotices().catch((error: unknown) => {
    if (!isAbort(error)) unread.value = 0;
  });
}

export async function loadShell(): Promise<void> {
  shellProblem.value = null;
  try {
    await loadMe();
    letterKeys.value = session.user?.settings?.letter_keys !== false;
    settleApp();
    poll();
  } catch (error) {
    shellProblem.value = error;
  }
}

/** Follow the address: which application is open, its definitions, the number of tasks. */
export function startShell(): () => void {
  void loadShell();
  const timer = setInterval(poll, POLL_MS);
  document.addEventListener("visibilitychange", poll);
  const stop = watch(
    () => [router.currentRoute.value, lang()] as const,
    ([route]) => {
      const key = typeof route.params.app === "string" ? route.params.app : "";
      if (key) {
        appKey.value = key;
        localStorage.setItem(LAST_APP, key);
        if (!route.meta.design) lastUsed = route.fullPath;
      }
      if (appKey.value) fetchMenu(appKey.value);
      menuOpen.value = createOpen.value = profileOpen.value = commandOpen.value = keysOpen.value = false;
    },
    { immediate: true },
  );
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", poll);
    stop();
  };
}
