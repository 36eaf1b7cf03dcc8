import { shallowReactive } from "vue";

import type { AppSummary, CurrentUser, Me } from "./types";

/** What the shell page hands over in its `#boot` JSON element; the rest of the session comes from `/me`. */
export interface Boot {
  user: CurrentUser | null;
  lang: string;
  theme: string;
  density: string;
  nonce: string;
  csrf: string;
  version: string;
  /** A page for people without an account: nothing on it leads to the sign-in page. */
  visitor?: boolean;
  /** Sites whose pages may be shown inside a form. */
  frames?: string[];
}

interface SessionState {
  user: CurrentUser | null;
  csrf: string;
  apps: AppSummary[];
  roles: Me["roles"];
  designer: boolean;
  loaded: boolean;
}

const state = shallowReactive<SessionState>({ user: null, csrf: "", apps: [], roles: [], designer: false, loaded: false });

/** Who is signed in and what they may open; only this module changes it. */
export const session: Readonly<SessionState> = state;

let cached: Boot | null = null;

/** Read the boot element once; outside the shell page (tests, gallery) a neutral default stands in. */
export function boot(): Boot {
  if (cached) return cached;
  const fallback: Boot = {
    user: null,
    lang: document.documentElement.lang || "zh-CN",
    theme: "auto",
    density: "normal",
    nonce: "",
    csrf: "",
    version: "",
  };
  const text = document.getElementById("boot")?.textContent;
  cached = text ? { ...fallback, ...(JSON.parse(text) as Partial<Boot>) } : fallback;
  state.user = cached.user;
  state.csrf = cached.csrf;
  return cached;
}

export function csrfToken(): string {
  return state.csrf || boot().csrf;
}

export function adoptCsrf(token: string): void {
  state.csrf = token;
}

export function adoptMe(me: Me): void {
  state.user = me.user;
  state.csrf = me.csrf;
  state.apps = me.apps;
  state.roles = me.roles;
  state.designer = me.designer ?? false;
  state.loaded = true;
}

/**
 * A path inside this site, or the fallback: what may follow a sign-in. Anything with a host, a scheme or a
 * backslash (which browsers read as a slash) is refused.
 */
export function ownPath(path: string, fallback = "/app/"): string {
  if (!path.startsWith("/") || path.startsWith("//") || /[\\\u0000-\u001f]/.test(path)) return fallback;
  return path;
}

let leaving = false;

/** Leave for the sign-in page and come back here afterwards. Several failing requests leave once. */
export function signInAgain(): void {
  if (leaving || boot().visitor) return;
  leaving = true;
  const here = ownPath(location.pathname + location.search + location.hash);
  location.assign(`/signin?next=${encodeURIComponent(here)}`);
}
