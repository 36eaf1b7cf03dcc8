import { addTexts } from "./index";

/** Words of the formula editor and its page: most people never open either, so they come with the first one shown. */
const LOADERS = {
  "zh-CN": () => import("./expression.zh-CN.json"),
  en: () => import("./expression.en.json"),
};

export const expressionTexts = (): Promise<void> => addTexts(LOADERS);
