import { addTexts } from "./index";

/** Words of the page that manages public links: it comes with them. */
const LOADERS = {
  "zh-CN": () => import("./links.zh-CN.json"),
  en: () => import("./links.en.json"),
};

export const linkTexts = (): Promise<void> => addTexts(LOADERS);
