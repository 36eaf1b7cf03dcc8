import { api, pathOf } from "./client";
import type { FileItem, Text } from "./types";

/** What stands around records: comments, marks, favourites, notices, the recycle bin, the search over everything. */
export interface CommentRow {
  id: string;
  author: string;
  at: string;
  /** People are named `@{id}`. */
  text: string;
  edited: boolean;
  removed: boolean;
  reply_to: { id: string; author: string; text: string } | null;
  files: FileItem[];
  mine: boolean;
  editable: boolean;
}

export interface CommentPage {
  comments: CommentRow[];
  next_cursor?: string;
  labels: { user: Record<string, string> };
}

export interface Mentionable {
  id: string;
  name: string;
  username: string;
  /** Whether the person may read the record; nobody else can be mentioned. */
  readable: boolean;
}

export interface HandItem {
  kind: "record" | "view" | "dashboard";
  id: string;
  at: string;
  app: string;
  entity: string;
  title: Text;
  icon: string;
  /** Of a dashboard. */
  key?: string;
}

export interface Hand {
  favourites: HandItem[];
  recent: HandItem[];
}

export interface Notice {
  id: string;
  kind: string;
  text: string;
  title: string;
  body: string;
  at: string;
  read: boolean;
  app: string;
  entity: string;
  record_id: string;
  comment: string;
}

export interface NoticePage {
  notices: Notice[];
  next_cursor: string;
  unread: number;
}

export type Range = [number, number];

export interface Hit {
  id: string;
  title: string;
  ranges: Range[];
  field?: { key: string; label: Text; text: string; ranges: Range[] };
}

export interface HitGroup {
  app: string;
  app_name: Text;
  entity: string;
  label: Text;
  icon: string;
  hits: Hit[];
  more: boolean;
}

export interface BinEntity {
  entity: string;
  label: Text;
  icon: string;
  count: number;
}

export interface BinRow {
  id: string;
  title: string;
  at: string;
  by: string;
}

export interface Loss {
  records: number;
  rows: number;
  files: number;
  comments: number;
}

export interface RestoreResult {
  id: string;
  status: "done" | "refused";
  findings?: { text: string }[];
}

const record = (app: string, entity: string, id: string, ...rest: string[]) => pathOf("apps", app, entity, "records", id, ...rest);

export const listComments = (app: string, entity: string, id: string, cursor = "", signal?: AbortSignal) =>
  api.get<CommentPage>(record(app, entity, id, "comments"), { query: { cursor: cursor || undefined }, signal });

export const addComment = (app: string, entity: string, id: string, said: { text: string; reply_to?: string; files?: string[] }) =>
  api.post<CommentPage>(record(app, entity, id, "comments"), said);

export const editComment = (app: string, entity: string, id: string, comment: string, text: string) =>
  api.patch<CommentPage>(record(app, entity, id, "comments", comment), { text });

export const removeComment = (app: string, entity: string, id: string, comment: string) =>
  api.del<CommentPage>(record(app, entity, id, "comments", comment));

/** Where files of a comment are uploaded to. */
export const commentFilesPath = (app: string, entity: string, id: string) => record(app, entity, id, "comments", "files");

export const findMentionable = (app: string, entity: string, id: string, q: string, signal?: AbortSignal) =>
  api.get<{ people: Mentionable[] }>(record(app, entity, id, "comments", "people"), { query: { q }, signal });

/** Note that one sees a record as it is now; answers when one last did, and whether anything happened since. */
export const noteVisit = (app: string, entity: string, id: string) => api.post<{ since: string; unread: boolean }>(record(app, entity, id, "visit"));

export const relatedCounts = (app: string, entity: string, id: string, signal?: AbortSignal) =>
  api.get<{ counts: Record<string, number> }>(record(app, entity, id, "related"), { signal });

/** Which of at most 200 records are news to this person, and which are favourites. */
export const marksOf = (app: string, entity: string, ids: readonly string[], signal?: AbortSignal) =>
  api.post<{ unread: string[]; favourite: string[] }>(pathOf("apps", app, entity, "marks"), { ids }, { signal });

/** Call every record of an entity read; `since`, as an earlier call answered it, takes that back. */
export const readAll = (app: string, entity: string, since = "") =>
  api.post<{ since: string }>(pathOf("apps", app, entity, "read"), since ? { since } : {});

export const setFavourite = (app: string, kind: HandItem["kind"], entity: string, id: string, on: boolean) =>
  api.put<void>(pathOf("apps", app, "favourites"), { kind, entity, id, on });

export const loadHand = (signal?: AbortSignal) => api.get<Hand>("/me/hand", { signal });

export const listNotices = (cursor = "", limit = 30, signal?: AbortSignal) =>
  api.get<NoticePage>("/notices", { query: { cursor: cursor || undefined, limit }, signal });

export const readNotices = (ids?: string[]) => api.post<void>("/notices/read", ids ? { ids } : {});

export const findEverywhere = (q: string, options: { app?: string; limit?: number } = {}, signal?: AbortSignal) =>
  api.get<{ groups: HitGroup[] }>("/find", { query: { q, ...options }, signal });

const bin = (app: string, ...rest: string[]) => pathOf("apps", app, "recycle-bin", ...rest);

export const binOverview = (app: string, signal?: AbortSignal) =>
  api.get<{ entities: BinEntity[]; may_purge: boolean }>(bin(app), { signal });

export const binRecords = (app: string, entity: string, query: { search?: string; offset?: number }, signal?: AbortSignal) =>
  api.get<{ records: BinRow[]; more: boolean; labels: { user: Record<string, string> } }>(bin(app, entity), { query, signal });

export const restoreFromBin = (app: string, entity: string, ids: string[]) =>
  api.post<{ results: RestoreResult[] }>(bin(app, entity, "restore"), { ids });

export const previewPurge = (app: string, entity: string, ids: string[]) => api.post<Loss>(bin(app, entity, "preview"), { ids });

export const purgeRecords = (app: string, entity: string, ids: string[]) => api.post<{ purged: number }>(bin(app, entity, "purge"), { ids });
