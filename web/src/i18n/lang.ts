import { shallowRef } from "vue";

export type Lang = "zh-CN" | "en";
export type Catalogue = Record<string, string>;

export const state = shallowRef<{ lang: Lang; texts: Catalogue }>({ lang: "zh-CN", texts: {} });

/** Language of the page; reading it in a template makes the template follow a change. */
export const lang = (): Lang => state.value.lang;
