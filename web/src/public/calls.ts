import { api, pathOf, upload } from "@/api/client";
import { boot } from "@/api/session";
import type { AppMeta, FileItem, Json, Values } from "@/api/types";
import type { FieldContext } from "@/fields/contract";

/** What the page knows before the form is open. */
export interface PublicBoot {
  token: string;
  embedded: boolean;
  password: boolean;
  /** Why the form takes no answers; empty when it does. */
  problem: string;
  title: string;
  intro: string;
  accent: string;
  logo: string;
  company: string;
}

export interface OpenForm {
  page: string;
  app: AppMeta;
  entity: string;
  values: Values;
  locked: string[];
  pickers: string[];
  uploads: { most: number; megabytes: number };
  zone: string;
}

export interface Thanks {
  thanks: string;
  redirect: string;
}

export const publicBoot = (): PublicBoot => (boot() as unknown as { form: PublicBoot }).form;

const path = (...parts: string[]): string => pathOf("public", publicBoot().token, ...parts);

export const openForm = (password: string): Promise<OpenForm> =>
  api.post<OpenForm>(path("open"), { query: Object.fromEntries(new URLSearchParams(location.search)), ...(password ? { password } : {}) });

export const sendAnswer = (page: string, values: Values, website: string): Promise<Thanks> =>
  api.post<Thanks>(path("answers"), { page, values, ...(website ? { website } : {}) } as Record<string, Json>);

export const findChoices = (page: string, field: string, q: string, signal?: AbortSignal): Promise<{ items: { id: string; title: string }[] }> =>
  api.get(path("choices"), { query: { page, field, q }, signal });

export function sendFile(page: string, field: string, file: File, control: Parameters<FieldContext["upload"]>[2]): Promise<FileItem> {
  const form = new FormData();
  form.set("file", file);
  form.set("page", page);
  form.set("field", field);
  return upload<FileItem>(path("files"), form, control);
}
