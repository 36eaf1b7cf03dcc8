import type { FieldMeta, FormItemKind, FormItemMeta, FormMeta, Json } from "@/api/types";
import type { Mode } from "@/fields/contract";
import { fieldType } from "@/fields/registry";
import { say } from "@/i18n";

/** A part of a form ready to be drawn. `flow` holds loose parts side by side on the twelve-column grid. */
export interface Part {
  id: string;
  kind: FormItemKind | "flow";
  label: string;
  text: string;
  config: Record<string, Json>;
  /** Twelfths of the row. */
  span: number;
  /** Of a field: its key. */
  field?: string;
  parts: Part[];
}

/** Fields in the order they are met, with the elements around each of them, the outermost first. */
export type Places = ReadonlyMap<string, readonly Part[]>;

/** What holds others stands on a row of its own; everything else flows. */
const HOLDERS: ReadonlySet<string> = new Set(["section", "columns", "tabs", "tab", "page"]);

const part = (item: FormItemMeta, parts: Part[]): Part => ({
  id: item.id,
  kind: item.kind,
  label: say(item.label),
  text: say(item.text),
  config: item.config ?? {},
  span: item.width || 6,
  field: item.field,
  parts,
});

/** Runs of loose parts become one flow each, so that they share a grid. */
function flowed(parts: readonly Part[], owner: string): Part[] {
  const found: Part[] = [];
  for (const one of parts) {
    const last = found[found.length - 1];
    if (HOLDERS.has(one.kind)) found.push(one);
    else if (last?.kind === "flow") last.parts.push(one);
    else found.push({ ...part({ id: `${owner}~${one.id}`, kind: "field", width: 12 }, [one]), kind: "flow" });
  }
  return found;
}

/**
 * The form as this person can use it: fields that are there, each once (the first place wins), no element without
 * anything in it. A section of nothing but computed values has nothing to fill in, so only readers see it.
 */
export function formTree(form: FormMeta, field: (key: string) => FieldMeta | undefined, mode: Mode): Part[] {
  const seen = new Set<string>();

  const fillable = (one: Part): boolean =>
    one.kind === "field" ? !fieldType(field(one.field!)!.type).computed : one.parts.length ? one.parts.some(fillable) : one.kind !== "divider";

  function built(items: readonly FormItemMeta[], owner: string): Part[] {
    const parts: Part[] = [];
    for (const item of items) {
      if (item.kind === "field") {
        const meta = item.field ? field(item.field) : undefined;
        if (!meta || meta.level === "hidden" || seen.has(meta.key)) continue;
        seen.add(meta.key);
        parts.push({ ...part(item, []), field: meta.key });
      } else if (HOLDERS.has(item.kind)) {
        const one = part(item, built(item.items ?? [], item.id));
        if (one.parts.length && (mode === "read" || item.kind !== "section" || fillable(one))) parts.push(one);
      } else parts.push(part(item, []));
    }
    return flowed(parts, owner);
  }

  return built(form.items, "form").map(columnsOf);
}

/** Columns keep their parts apart: each is a cell of its width. */
function columnsOf(one: Part): Part {
  const parts = one.parts.map(columnsOf);
  if (one.kind !== "columns") return { ...one, parts };
  return { ...one, parts: parts.flatMap((inner) => (inner.kind === "flow" ? inner.parts : [inner])) };
}

/** Where every field stands. */
export function placesOf(parts: readonly Part[]): Places {
  const places = new Map<string, Part[]>();
  const walk = (list: readonly Part[], above: Part[]): void => {
    for (const one of list) {
      if (one.field) places.set(one.field, above);
      else walk(one.parts, [...above, one]);
    }
  };
  walk(parts, []);
  return places;
}

/** Keys of the fields in a part, in reading order. */
export const fieldsIn = (one: Part): string[] => (one.field ? [one.field] : one.parts.flatMap(fieldsIn));

/**
 * Steps of a form with pages; none without. What stands before the first page belongs to it, what stands after a page
 * belongs to that page.
 */
export function stepsOf(parts: readonly Part[]): Part[] {
  const steps: Part[] = [];
  const before: Part[] = [];
  for (const one of parts) {
    const last = steps[steps.length - 1];
    if (one.kind === "page") steps.push({ ...one, parts: [...before.splice(0), ...one.parts] });
    else if (last) last.parts.push(one);
    else before.push(one);
  }
  return steps;
}
