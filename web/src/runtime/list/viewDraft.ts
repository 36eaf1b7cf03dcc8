import type { EntityModel } from "@/api/metadata";
import type { FieldMeta, Json, SavedView } from "@/api/types";
import type { ViewDraft } from "@/api/views";
import { say } from "@/i18n";

import type { ViewKind, ViewPart } from "./viewKinds";

/** What the dialog of a view is about. */
export interface ViewForm {
  label: string;
  kind: string;
  parts: Record<string, string>;
  options: Record<string, Json>;
  shared: boolean;
  /** This person's list opens with it. */
  first: boolean;
}

/** Fields that can play a part. */
export const fitting = (part: ViewPart, entity: EntityModel): FieldMeta[] => entity.fields.filter((field) => part.fits(field, entity));

/** Parts a kind needs that no field of the entity can play: with one, the kind cannot be chosen. */
export const lacking = (kind: ViewKind, entity: EntityModel): ViewPart[] => kind.parts.filter((part) => part.required && !fitting(part, entity).length);

/** Who plays the parts of a kind: as before where that fits, else the first field for what the kind is made from. */
export function castOf(kind: ViewKind, entity: EntityModel, before: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    kind.parts.flatMap((part, place): [string, string][] => {
      const fields = fitting(part, entity);
      const kept = fields.find((field) => field.key === before[part.name]);
      const played = kept ?? (part.required || place === 0 ? fields[0] : undefined);
      return played ? [[part.name, played.key]] : [];
    }),
  );
}

/** Parts of a kind that are needed and not played. */
export const missing = (kind: ViewKind, parts: Readonly<Record<string, string>>): ViewPart[] => kind.parts.filter((part) => part.required && !parts[part.name]);

const played = (parts: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(parts).filter(([, key]) => key));

/** Everything a view keeps, to make it once more. */
export function draftOf(view: SavedView): ViewDraft & { shared: boolean } {
  const { kind, columns, card, filter, sort, group, totals, colors, quick, freeze, options } = view;
  return { label: say(view.label), kind, columns, card, filter, sort, group, totals, colors, quick, freeze, options, parts: played(view.parts), shared: view.scope === "shared" };
}

/** What is asked about a view that is there, or about a new one like it. */
export function formOf(view: SavedView | undefined, first: boolean): ViewForm {
  return {
    label: view ? say(view.label) : "",
    kind: view?.kind ?? "table",
    parts: played(view?.parts ?? {}),
    options: view?.options ?? {},
    shared: view?.scope === "shared",
    first,
  };
}
