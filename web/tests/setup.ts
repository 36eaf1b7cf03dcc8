import { afterAll, beforeAll, vi } from "vitest";

import { setLang } from "@/i18n";

beforeAll(async () => {
  await setLang("zh-CN");
});

// What a component began to load belongs to its test: the environment must outlive it.
afterAll(async () => {
  await vi.dynamicImportSettled();
});
