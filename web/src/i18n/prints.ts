import { addTexts } from "./index";

/** Words of the page where print templates are written: it comes with them. */
const LOADERS = {
  "zh-CN": () => import("./prints.zh-CN.json"),
  en: () => import("./prints.en.json"),
};

export const printTexts = (): Promise<void> => addTexts(LOADERS);
