import { ref, watchEffect } from "vue";

import type { UserSettings } from "@/api/types";

export type Theme = NonNullable<UserSettings["theme"]>;
export type Density = NonNullable<UserSettings["density"]>;

export const THEMES: readonly Theme[] = ["auto", "light", "dark"];
export const DENSITIES: readonly Density[] = ["normal", "compact", "touch"];

/** What the person chose; `shown` is what the page wears now. */
export const theme = ref<Theme>("auto");
export const density = ref<Density>("normal");
export const shownTheme = ref<"light" | "dark" | "screen">("light");

/** Set while a page shows itself as a wall screen (大屏), which overrides the person's theme. */
export const wallScreen = ref(false);

/** Take over the saved choice and follow every later change of it, and of the system's own theme. */
export function startAppearance(savedTheme: string, savedDensity: string): void {
  theme.value = THEMES.find((name) => name === savedTheme) ?? "auto";
  density.value = DENSITIES.find((name) => name === savedDensity) ?? "normal";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const systemDark = ref(system.matches);
  system.addEventListener("change", (event) => (systemDark.value = event.matches));
  watchEffect(() => {
    const plain = theme.value === "auto" ? (systemDark.value ? "dark" : "light") : theme.value;
    shownTheme.value = wallScreen.value ? "screen" : plain;
    document.documentElement.dataset.theme = shownTheme.value;
    document.documentElement.dataset.density = density.value;
  });
}
