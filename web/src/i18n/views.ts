import { addTexts } from "./index";

/** Words of the views besides the table: they come with the first one shown. */
const LOADERS = {
  "zh-CN": () => import("./views.zh-CN.json"),
  en: () => import("./views.en.json"),
};

export const viewTexts = (): Promise<void> => addTexts(LOADERS);
