import type { ShallowRef } from "vue";

import type { AppModel, EntityModel } from "@/api/metadata";
import { askQuery, type QueryQuestion } from "@/api/queries";
import type { FieldMeta, Json, Labels } from "@/api/types";
import type { FieldContext, QueryRow } from "@/fields/contract";
import { fieldType } from "@/fields/registry";

import { mergeLabels } from "../shared/labels";
import type { RecordEditor } from "./recordEditor";
import type { RulesDesk } from "./useRules";

export interface QueryPlace {
  app: () => AppModel;
  entity: () => EntityModel;
  /** Empty for a new record. */
  id: () => string;
  editing: () => boolean;
  ctx: FieldContext;
  labels: ShallowRef<Labels>;
  editor: RecordEditor;
  rules: RulesDesk;
}

/** Let query fields of a record ask: for what is stored while one reads, for what stands in the form while one writes. */
export function answerQueries(place: QueryPlace): void {
  const { editor, rules, labels } = place;

  const held = (key: string): Json => {
    const field = editor.field(key);
    if (!field) return null;
    const ruled = rules.on() ? rules.value(key) : undefined;
    return ruled !== undefined || field.level === "masked" ? (ruled ?? null) : fieldType(field.type).toApi(editor.values[key], field);
  };

  function question(row: QueryRow | undefined, cursor: string): QueryQuestion {
    const id = place.id();
    const about: QueryQuestion = { ...(id ? { id } : {}), ...(cursor ? { cursor } : {}) };
    if (!place.editing() && !row) return about;
    const values = place.editing() ? { ...editor.changes.value } : {};
    // The rows go along whole, so that theirs can be told by its number.
    if (row) values[row[0]] = held(row[0]);
    return { ...about, form: place.entity().meta.form.id, values, ...(row ? { row: [row[0], row[1]] } : {}) };
  }

  function reads(field: FieldMeta): string[] {
    return (field.options?.reads as string[] | undefined) ?? [];
  }

  place.ctx.query = {
    async find(field, part, signal) {
      const found = await askQuery(place.app().key, place.entity().key, field.key, question(part.row, part.cursor), signal);
      labels.value = mergeLabels(labels.value, found.labels);
      const { records, columns, asked, count } = found;
      return { records, columns, asked, count, next: found.next_cursor, atLeast: found.at_least ?? false };
    },
    stamp(field, row) {
      void editor.version.value;
      const saved = editor.rev.value;
      if (!place.editing()) return String(saved);
      return JSON.stringify([saved, ...(row ? [held(row[0])] : reads(field).map(held))]);
    },
  };
}
