import { computed, ref, shallowReactive, type ComputedRef, type Ref } from "vue";

import type { FieldMeta, Json } from "@/api/types";
import { say, t } from "@/i18n";
import { fromTsv, toTsv } from "@/kit/gridClipboard";
import { useToast } from "@/kit/toast";

import type { FieldContext, RowLook, WidgetProps } from "../contract";
import { fieldType } from "../registry";
import type { SubRow } from "../types/subtable";
import { blockOf, freshRow, MOST_ROWS, pasteBlock, writable } from "./rows";

/** The rows of a sub-table with everything that can be done to them; a table draws them, or cards on a phone. */
export interface Sheet {
  readonly id: string;
  readonly field: FieldMeta;
  readonly ctx: FieldContext;
  readonly editable: boolean;
  columns: ComputedRef<readonly FieldMeta[]>;
  rows: Ref<SubRow[]>;
  /** The row that has its controls out; the others are text. */
  active: Ref<number>;
  selected: Set<string | number>;
  /** Reading names of what was pasted. */
  busy: Ref<boolean>;
  keyOf: (row: SubRow) => string | number;
  labelOf: (column: FieldMeta) => string;
  /** A column as it is in one row: required, locked, absent. */
  columnAt: (index: number, column: FieldMeta) => FieldMeta | null;
  valueOf: (index: number, column: FieldMeta) => Json | undefined;
  errorAt: (index: number, column: FieldMeta) => string | undefined;
  wrongRows: ComputedRef<ReadonlySet<number>>;
  set: (index: number, column: FieldMeta, value: unknown) => void;
  add: () => number;
  remove: (indexes: readonly number[]) => void;
  move: (index: number, step: number) => void;
  /** Take the value from the row above, or give that of the first selected row to the others. */
  fillDown: (index: number, column: FieldMeta) => void;
  paste: (text: string, row: number, column: number) => Promise<void>;
  copied: () => string;
  select: (index: number, range: boolean) => void;
}

export function useSheet(props: WidgetProps, rows: Ref<SubRow[]>): Sheet {
  const toast = useToast();
  const active = ref(rows.value.length ? 0 : -1);
  const selected = shallowReactive(new Set<string | number>());
  const faults = shallowReactive(new Map<string, string>());
  const busy = ref(false);
  const keys = new WeakMap<SubRow, number>();
  let counter = 0;
  let anchor = -1;

  const columns = computed(() => props.ctx.fields(String(props.field.options?.entity ?? "")).filter((column) => column.level !== "hidden"));
  const labelOf = (column: FieldMeta): string => say(column.label);
  const look = (index: number): RowLook | undefined => props.ctx.row?.(props.field, index);

  function keyOf(row: SubRow): string | number {
    if (row.id) return row.id;
    let key = keys.get(row);
    if (key === undefined) keys.set(row, (key = counter += 1));
    return key;
  }

  /** A row with other values is still the same row. */
  function changed(row: SubRow, values: Record<string, Json>): SubRow {
    const next = { ...row, ...values } as SubRow;
    if (!row.id) keys.set(next, keyOf(row) as number);
    for (const key of Object.keys(values)) faults.delete(`${keyOf(row)}/${key}`);
    return next;
  }

  function replace(next: SubRow[]): void {
    rows.value = next;
    if (active.value >= next.length) active.value = next.length - 1;
  }

  /** Do a thing to many rows at once; one press takes it back. */
  function undoable(next: SubRow[], text: string, undone?: () => void): void {
    const [before, at] = [rows.value, active.value];
    replace(next);
    toast.undo(text, () => {
      replace(before);
      active.value = at;
      undone?.();
    });
  }

  function columnAt(index: number, column: FieldMeta): FieldMeta | null {
    const now = look(index);
    if (!now) return column;
    if (now.hidden.has(column.key)) return null;
    const required = now.required.has(column.key);
    const level = column.level === "write" && now.locked.has(column.key) ? "read" : column.level;
    const allowed = now.choices.get(column.key);
    if (required === (column.required ?? false) && level === column.level && !allowed) return column;
    const all = (column.options?.options ?? []) as { id: string }[];
    const options = allowed ? { ...column.options, options: all.filter((option) => allowed.includes(option.id)) } : column.options;
    return { ...column, required, level, options };
  }

  const errorAt = (index: number, column: FieldMeta): string | undefined => {
    const row = rows.value[index];
    return props.errors?.[`${index}/${column.key}`] ?? (row && faults.size ? faults.get(`${keyOf(row)}/${column.key}`) : undefined);
  };

  return {
    get id() {
      return props.id;
    },
    get field() {
      return props.field;
    },
    get ctx() {
      return props.ctx;
    },
    get editable() {
      return props.mode === "edit" && props.field.level === "write";
    },
    columns,
    rows,
    active,
    selected,
    busy,
    keyOf,
    labelOf,
    columnAt,
    errorAt,
    valueOf(index, column) {
      const now = look(index);
      return now && column.level !== "masked" ? now.values[column.key] : rows.value[index]?.[column.key];
    },
    wrongRows: computed(() => {
      const found = new Set<number>();
      for (const place of Object.keys(props.errors ?? {})) {
        const row = Number(place.split("/")[0]);
        if (Number.isInteger(row)) found.add(row);
      }
      if (faults.size) {
        const wrong = new Set([...faults.keys()].map((place) => place.slice(0, place.lastIndexOf("/"))));
        rows.value.forEach((row, index) => wrong.has(String(keyOf(row))) && found.add(index));
      }
      return found;
    }),
    set(index, column, value) {
      const next = [...rows.value];
      const row = next[index];
      if (!row) return;
      next[index] = changed(row, { [column.key]: fieldType(column.type).toApi(value, column) });
      rows.value = next;
    },
    add() {
      if (rows.value.length >= MOST_ROWS) {
        toast.bad(t("fields.sheet.full", { n: MOST_ROWS }));
        return -1;
      }
      const next = [...rows.value, freshRow(columns.value)];
      rows.value = next;
      active.value = next.length - 1;
      return active.value;
    },
    remove(indexes) {
      const gone = new Set(indexes);
      selected.clear();
      undoable(rows.value.filter((_, index) => !gone.has(index)), t("fields.sheet.deleted", { n: gone.size }));
    },
    move(index, step) {
      const next = [...rows.value];
      const [row] = next.splice(index, 1);
      if (row) next.splice(index + step, 0, row);
      rows.value = next;
      active.value = index + step;
    },
    fillDown(index, column) {
      if (!writable(column)) return;
      const chosen = rows.value.flatMap((row, at) => (selected.has(keyOf(row)) ? [at] : []));
      const [from, ...to] = chosen.length > 1 ? chosen : [index - 1, index];
      const given = from === undefined ? undefined : rows.value[from];
      if (!given || !to.length) return;
      const targets = new Set(to);
      const value = given[column.key] ?? null;
      undoable(rows.value.map((row, at) => (targets.has(at) ? changed(row, { [column.key]: value }) : row)), t("fields.sheet.filled", { n: to.length }));
    },
    async paste(text, row, column) {
      busy.value = true;
      try {
        const before = rows.value;
        const done = await pasteBlock({ rows: before, columns: columns.value, block: fromTsv(text), row, column, labelOf }, props.ctx);
        if (rows.value !== before) return;
        done.rows.forEach((one, index) => {
          const old = before[index];
          if (old && old !== one && !old.id) keys.set(one, keyOf(old) as number);
        });
        const count = done.rows.filter((one, index) => one !== before[index]).length;
        const marks = done.faults.map((fault) => [`${keyOf(fault.row)}/${fault.key}`, fault.text] as const);
        const words = [t("fields.sheet.pasted", { n: count }), marks.length ? t("fields.sheet.unread", { n: marks.length }) : "", done.cut ? t("fields.sheet.cut", { n: done.cut, most: MOST_ROWS }) : ""];
        undoable(done.rows, words.filter(Boolean).join(" "), () => marks.forEach(([place]) => faults.delete(place)));
        for (const [place, fault] of marks) faults.set(place, fault);
      } finally {
        busy.value = false;
      }
    },
    copied() {
      const chosen = rows.value.flatMap((row, index) => (selected.has(keyOf(row)) ? [{ ...row, ...look(index)?.values } as SubRow] : []));
      return chosen.length ? toTsv(blockOf(chosen, columns.value, props.ctx, labelOf)) : "";
    },
    select(index, range) {
      const row = rows.value[index];
      if (!row) return;
      const on = !selected.has(keyOf(row));
      const from = range && anchor >= 0 ? Math.min(anchor, index) : index;
      const to = range && anchor >= 0 ? Math.max(anchor, index) : index;
      for (const one of rows.value.slice(from, to + 1)) {
        if (on || range) selected.add(keyOf(one));
        else selected.delete(keyOf(one));
      }
      anchor = index;
    },
  };
}
