import { api, pathOf, urlOf } from "./client";
import type { Json, Text } from "./types";

/** How a field may come filled in: by any address, by a signed one, or always. */
export type PrefillMode = "open" | "locked" | "fixed";

/** What the maker of a public link decided. Field references are ids; 0 is no limit; blank instants are none. */
export interface LinkSettings {
  form: string;
  fields: string[];
  pick: Record<string, { src: string; refs: Record<string, string> }>;
  prefill: Record<string, { mode: PrefillMode; value: Json }>;
  bind: string;
  opens_at: string;
  closes_at: string;
  quota: number;
  per_visitor: number;
  per_address_minute: number;
  per_minute: number;
  min_seconds: number;
  sign_in: boolean;
  uploads: number;
  upload_mb: number;
  language: string;
  mode: string;
  title: Record<string, string>;
  intro: Record<string, string>;
  thanks: Record<string, string>;
  redirect: string;
  accent: string;
  logo: string;
  embed: string[];
}

export interface PublicLink {
  id: string;
  label: string;
  state: "open" | "paused";
  answers: number;
  url: string;
  /** Only whether there is a password comes back. */
  settings: LinkSettings & { password: boolean };
  maker: { id: string; name: string };
  created_at: string;
  invited: number;
  invited_answered: number;
}

/** A field a public form may have; `link` ones need a condition to be chosen in. */
export interface LinkField {
  id: string;
  key: string;
  type: string;
  label: Text;
  required: boolean;
  link: boolean;
}

export interface LinkList {
  links: PublicLink[];
  forms: { id: string; label: Text }[];
  fields: LinkField[];
}

export interface Invitation {
  record: string;
  title: string;
  url: string;
}

/** A password that is not named stays as it is; a blank one is taken away. */
export type LinkChange = Partial<LinkSettings> & { password?: string };

const path = (app: string, entity: string, ...rest: string[]): string => pathOf("apps", app, entity, "links", ...rest);

export const listLinks = (app: string, entity: string, signal?: AbortSignal) => api.get<LinkList>(path(app, entity), { signal });

export const makeLink = (app: string, entity: string, label: string, settings: LinkChange) =>
  api.post<{ link: PublicLink }>(path(app, entity), { label, settings });

export const changeLink = (app: string, entity: string, id: string, change: { label?: string; settings?: LinkChange; state?: "open" | "paused" }) =>
  api.patch<{ link: PublicLink }>(path(app, entity, id), change);

export const deleteLink = (app: string, entity: string, id: string) => api.del<Record<string, never>>(path(app, entity, id));

export const restoreLink = (app: string, entity: string, id: string) => api.post<{ link: PublicLink }>(path(app, entity, id, "restore"));

export const renewLink = (app: string, entity: string, id: string) => api.post<{ link: PublicLink }>(path(app, entity, id, "renew"));

export const inviteTo = (app: string, entity: string, id: string, records: string[]) =>
  api.post<{ invitations: Invitation[] }>(path(app, entity, id, "invitations"), { records });

/** An address with values: those of `values` are signed, those of `open` a visitor may change. */
export const prefillAddress = (app: string, entity: string, id: string, given: { values: Record<string, Json>; open: Record<string, Json> }) =>
  api.post<{ url: string }>(path(app, entity, id, "prefill"), given);

export const posterUrl = (app: string, entity: string, id: string, format: "svg" | "png" | "pdf") =>
  urlOf(path(app, entity, id, "poster"), { format });
