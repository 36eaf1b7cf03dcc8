import { openDB, type IDBPDatabase } from "idb";

import type { Labels, Text, Values } from "@/api/types";

/** Work not yet saved on the server. Kept per person, because a browser may be shared. */
export interface Draft {
  key: string;
  user: string;
  /** Changed fields only, over `base`. */
  values: Values;
  base: Values;
  /** What the fields were when this was typed; a field may be renamed, retyped or deleted meanwhile. */
  fields?: Record<string, { id: string; type: string; label: Text }>;
  labels: Labels;
  /** Revision the work started from; 0 for a new record. */
  rev: number;
  at: number;
}

const STORE = "drafts";
const KEEP_DAYS = 90;

let database: Promise<IDBPDatabase> | null = null;

function open(): Promise<IDBPDatabase> {
  database ??= openDB("dougong", 1, {
    upgrade(db) {
      const store = db.createObjectStore(STORE, { keyPath: "key" });
      store.createIndex("at", "at");
    },
  });
  return database;
}

export function draftKey(user: string, app: string, entity: string, id: string): string {
  return [user, app, entity, id || "new"].join("/");
}

/** Private windows and full disks refuse storage: a form must work without, so that counts as "no draft". */
async function tolerant<T>(work: () => Promise<T>, without: T): Promise<T> {
  if (typeof indexedDB === "undefined") return without;
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException) return without;
    throw error;
  }
}

export const readDraft = (key: string) =>
  tolerant<Draft | undefined>(async () => (await open()).get(STORE, key) as Promise<Draft | undefined>, undefined);

export const writeDraft = (draft: Draft) =>
  tolerant(async () => {
    await (await open()).put(STORE, draft);
    return true;
  }, false);

export const dropDraft = (key: string) =>
  tolerant(async () => {
    await (await open()).delete(STORE, key);
    return true;
  }, false);

/** Remove drafts nobody came back to. */
export const expireDrafts = (now = Date.now()) =>
  tolerant(async () => {
    const db = await open();
    const range = IDBKeyRange.upperBound(now - KEEP_DAYS * 86_400_000);
    const old = await db.getAllKeysFromIndex(STORE, "at", range);
    for (const key of old) await db.delete(STORE, key);
    return old.length;
  }, 0);
