import { beforeAll } from "vitest";

import { setLang } from "@/i18n";

beforeAll(async () => {
  await setLang("zh-CN");
});
