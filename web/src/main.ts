import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

import { createApp } from "vue";

import { boot } from "@/api/session";
import { langOf, setLang, setZone } from "@/i18n";

import App from "./App.vue";
import { startAppearance } from "./app/appearance";
import { router } from "./app/router";

async function start(): Promise<void> {
  const data = boot();
  startAppearance(data.theme, data.density);
  if (data.user?.zone) setZone(data.user.zone);
  await setLang(langOf(data.lang));
  createApp(App).use(router).mount("#app");
}

void start();
