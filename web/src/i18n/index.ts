import type { Text } from "@/api/types";
import type app from "./app.zh-CN.json";
import type around from "./around.zh-CN.json";
import type expression from "./expression.zh-CN.json";
import type fields from "./fields.zh-CN.json";
import type forms from "./forms.zh-CN.json";
import type grid from "./grid.zh-CN.json";
import type kit from "./kit.zh-CN.json";
import { lang, state, type Catalogue, type Lang } from "./lang";
import type links from "./links.zh-CN.json";
import type pages from "./pages.zh-CN.json";
import type prints from "./prints.zh-CN.json";
import type share from "./share.zh-CN.json";
import type views from "./views.zh-CN.json";

export type Key = keyof typeof app | keyof typeof around | keyof typeof expression | keyof typeof fields | keyof typeof grid | keyof typeof forms | keyof typeof kit | keyof typeof links | keyof typeof pages | keyof typeof prints | keyof typeof share | keyof typeof views;
export type Params = Record<string, string | number>;

export const LANGS: readonly Lang[] = ["zh-CN", "en"];

// One chunk per language: a reader downloads only the one they read.
type Loaders = Record<Lang, () => Promise<{ default: Catalogue }>>;
const LOADERS: Loaders = {
  "zh-CN": () => import("./zh-CN"),
  en: () => import("./en"),
};

/** The language closest to a tag such as `en-GB` or `zh`. */
export function langOf(tag: string): Lang {
  return tag.toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

/** Catalogues of parts that few people open, loaded with the first of them; from then on they follow the language. */
const added = new Map<Loaders, Promise<void>>();

async function load(loaders: readonly Loaders[], next: Lang): Promise<Catalogue> {
  const parts = await Promise.all(loaders.map((one) => one[next]()));
  return Object.assign({}, ...parts.map((part) => part.default)) as Catalogue;
}

/** Load a language and switch everything on the page to it. */
export async function setLang(next: Lang): Promise<void> {
  const texts = await load([LOADERS, ...added.keys()], next);
  state.value = { lang: next, texts };
  document.documentElement.lang = next;
}

/** Have the texts of a further part, now and after every change of the language. */
export function addTexts(loaders: Loaders): Promise<void> {
  let known = added.get(loaders);
  if (!known) {
    const now = lang();
    known = load([loaders], now).then((texts) => {
      // a change of the language meanwhile brought its own
      if (lang() === now) state.value = { lang: now, texts: { ...state.value.texts, ...texts } };
    });
    known.catch(() => added.delete(loaders)); // may be asked for again
    added.set(loaders, known);
  }
  return known;
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
