import type { Text } from "@/api/types";
import type app from "./app.zh-CN.json";
import type fields from "./fields.zh-CN.json";
import type kit from "./kit.zh-CN.json";
import { lang, state, type Catalogue, type Lang } from "./lang";
import type pages from "./pages.zh-CN.json";

export type Key = keyof typeof app | keyof typeof fields | keyof typeof kit | keyof typeof pages;
export type Params = Record<string, string | number>;

export const LANGS: readonly Lang[] = ["zh-CN", "en"];

// One chunk per language: a reader downloads only the one they read.
const LOADERS: Record<Lang, () => Promise<{ default: Catalogue }>> = {
  "zh-CN": () => import("./zh-CN"),
  en: () => import("./en"),
};

/** The language closest to a tag such as `en-GB` or `zh`. */
export function langOf(tag: string): Lang {
  return tag.toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

/** Load a language and switch everything on the page to it. */
export async function setLang(next: Lang): Promise<void> {
  const { default: texts } = await LOADERS[next]();
  state.value = { lang: next, texts };
  document.documentElement.lang = next;
}

/** Text of a key in the language of the page, `{name}` replaced; numbers are grouped. */
export function t(key: Key, params?: Params): string {
  const { texts } = state.value;
  const one = params?.n === 1 ? texts[`${key}.one`] : undefined;
  const text = one ?? texts[key] ?? key;
  if (!params) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : typeof value === "number" ? value.toLocaleString(lang()) : value;
  });
}

/** Text written by users: the language of the page, else any other that is there. */
export function say(text: Text | null | undefined): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return text[lang()] || text["zh-CN"] || text.en || Object.values(text)[0] || "";
}

export { fmt, setZone } from "./format";
export { lang, type Catalogue, type Lang } from "./lang";
