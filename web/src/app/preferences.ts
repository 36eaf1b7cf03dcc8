import { forgetAnswers } from "@/api/client";
import { updateMe } from "@/api/people";
import { isAbort } from "@/api/problem";
import { csrfToken } from "@/api/session";
import { lang, setLang, t, type Lang } from "@/i18n";
import { useToast } from "@/kit/toast";

import { density, theme, type Density, type Theme } from "./appearance";

/** Show the choice at once, store it behind; if that fails say so: the choice then holds for this window only. */
async function store(change: Parameters<typeof updateMe>[0]): Promise<void> {
  try {
    await updateMe(change);
  } catch (error) {
    if (!isAbort(error)) useToast().bad(t("shell.notStored"));
  }
}

export function chooseTheme(next: Theme): void {
  theme.value = next;
  void store({ settings: { theme: next } });
}

export function chooseDensity(next: Density): void {
  density.value = next;
  void store({ settings: { density: next } });
}

export async function chooseLanguage(next: Lang): Promise<void> {
  if (next === lang()) return;
  await setLang(next);
  // Answers carry text in the language they were asked in.
  forgetAnswers();
  await store({ locale: next });
}

/** Leaves through a form, so that the session ends even when the page's script is about to be thrown away. */
export function signOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/signout";
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrf_token";
  token.value = csrfToken();
  form.append(token);
  document.body.append(form);
  form.submit();
}
