import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/controls.css";

import { createApp } from "vue";

import { boot } from "@/api/session";
import { startAppearance } from "@/app/appearance";
import { langOf, setLang } from "@/i18n";
import { shareTexts } from "@/i18n/share";

import PublicPage from "./PublicPage.vue";

async function start(): Promise<void> {
  const data = boot();
  startAppearance(data.theme, data.density);
  await setLang(langOf(data.lang));
  await shareTexts();
  createApp(PublicPage).mount("#app");
}

void start();
