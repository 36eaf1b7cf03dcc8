import { addTexts } from "./index";

const LOADERS = {
  "zh-CN": () => import("./share.zh-CN.json"),
  en: () => import("./share.en.json"),
};

/** Words of public forms, their management and of printing. */
export const shareTexts = (): Promise<void> => addTexts(LOADERS);
