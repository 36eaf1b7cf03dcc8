import type { FormItemMeta, FormMeta } from "./types";

/** Every part of a form in reading order, an element before what is in it. */
export function formParts(form: FormMeta): FormItemMeta[] {
  const walk = (items: readonly FormItemMeta[]): FormItemMeta[] => items.flatMap((item) => [item, ...walk(item.items ?? [])]);
  return walk(form.items);
}

/** Keys of the fields on a form, in reading order. */
export function formFields(form: FormMeta): string[] {
  return formParts(form).flatMap((item) => (item.kind === "field" && item.field ? [item.field] : []));
}

/** The parts with one more before the first field, inside the element that holds it. */
export function withFirst(items: readonly FormItemMeta[], added: FormItemMeta): FormItemMeta[] {
  const [first, ...others] = items;
  if (!first || first.kind === "field" || !first.items?.length) return [added, ...items];
  return [{ ...first, items: withFirst(first.items, added) }, ...others];
}
