import { LogOut, Monitor, Moon, Settings, Sun } from "@lucide/vue";

import { lang, t, type Lang } from "@/i18n";
import type { MenuEntry } from "@/kit/types";

import { DENSITIES, density, theme, THEMES } from "./appearance";
import { chooseDensity, chooseLanguage, chooseTheme, signOut } from "./preferences";

const THEME_ICONS = { auto: Monitor, light: Sun, dark: Moon };
const LANGUAGES: readonly [Lang, string][] = [
  ["zh-CN", "简体中文"],
  ["en", "English"],
];

export const themeEntries = (): MenuEntry[] =>
  THEMES.map((name) => ({
    key: `theme-${name}`,
    label: t(`shell.theme.${name}`),
    icon: THEME_ICONS[name],
    checked: theme.value === name,
    run: () => chooseTheme(name),
  }));

export const densityEntries = (): MenuEntry[] =>
  DENSITIES.map((name) => ({
    key: `density-${name}`,
    label: t(`shell.density.${name}`),
    checked: density.value === name,
    run: () => chooseDensity(name),
  }));

export const languageEntries = (): MenuEntry[] =>
  LANGUAGES.map(([code, label]) => ({ key: code, label, checked: lang() === code, run: () => void chooseLanguage(code) }));

/** Language, looks, settings and the way out. */
export const accountEntries = (): MenuEntry[] => [
  { key: "language", label: t("shell.language"), items: languageEntries() },
  { key: "theme", label: t("shell.theme"), items: themeEntries(), separator: true },
  { key: "density", label: t("shell.density"), items: densityEntries(), separator: true },
  { key: "settings", label: t("shell.settings"), icon: Settings, to: { name: "settings" }, separator: true },
  { key: "signout", label: t("shell.signOut"), icon: LogOut, run: signOut },
];
