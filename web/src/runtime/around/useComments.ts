import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { addComment, editComment, listComments, removeComment, type CommentPage, type CommentRow } from "@/api/around";
import { isAbort } from "@/api/problem";

export interface Comments {
  rows: ShallowRef<CommentRow[]>;
  names: ComputedRef<Record<string, string>>;
  /** Where the older ones go on; blank when all are here. */
  cursor: Ref<string>;
  busy: Ref<boolean>;
  error: ShallowRef<unknown>;
  load: (more?: boolean) => Promise<void>;
  add: (text: string, files: string[], replyTo?: string) => Promise<void>;
  edit: (id: string, text: string) => Promise<void>;
  remove: (id: string) => Promise<void>;
}

/** The comments of one record. Changes throw; whoever asked for them says so. */
export function useComments(place: () => { app: string; entity: string; id: string }): Comments {
  const rows = shallowRef<CommentRow[]>([]);
  const people = shallowRef<Record<string, string>>({});
  const cursor = ref("");
  const busy = ref(false);
  const error = shallowRef<unknown>(null);

  function take(page: CommentPage, how: "first" | "more" | "one"): void {
    people.value = { ...people.value, ...page.labels.user };
    if (how === "first") rows.value = page.comments;
    else if (how === "more") rows.value = [...rows.value, ...page.comments];
    else {
      const one = page.comments[0];
      if (!one) return;
      const known = rows.value.some((row) => row.id === one.id);
      rows.value = known ? rows.value.map((row) => (row.id === one.id ? one : row)) : [one, ...rows.value];
    }
    if (how !== "one") cursor.value = page.next_cursor ?? "";
  }

  async function load(more = false): Promise<void> {
    const { app, entity, id } = place();
    error.value = null;
    try {
      take(await listComments(app, entity, id, more ? cursor.value : ""), more ? "more" : "first");
    } catch (problem) {
      if (!isAbort(problem)) error.value = problem;
    }
  }

  async function change(work: (app: string, entity: string, id: string) => Promise<CommentPage>): Promise<void> {
    const { app, entity, id } = place();
    busy.value = true;
    try {
      take(await work(app, entity, id), "one");
    } finally {
      busy.value = false;
    }
  }

  return {
    rows,
    names: computed(() => people.value),
    cursor,
    busy,
    error,
    load,
    add: (text, files, replyTo) =>
      change((app, entity, id) => addComment(app, entity, id, { text, ...(files.length ? { files } : {}), ...(replyTo ? { reply_to: replyTo } : {}) })),
    edit: (comment, text) => change((app, entity, id) => editComment(app, entity, id, comment, text)),
    remove: (comment) => change((app, entity, id) => removeComment(app, entity, id, comment)),
  };
}
