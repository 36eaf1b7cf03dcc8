import { newId } from "@/api/ids";
import type { WrittenTemplate } from "@/api/prints";
import type { Json } from "@/api/types";

import type { StoredExpression } from "../formulas";

/** A print template as an application keeps it. */
export interface PrintDefinition extends WrittenTemplate {
  id: string;
  entity: string;
  label: Record<string, string>;
  when: StoredExpression | null;
  default: boolean;
}

/** An entity templates can be written for. */
export interface PrintedEntity {
  id: string;
  key: string;
  label: Record<string, string>;
}

type Tree = { [key: string]: Json };

export const SIZES = ["A3", "A4", "A5", "A6", "B5", "letter", "80mm", "58mm"] as const;
/** Paper cut below what is printed: it has no direction and no page numbers. */
export const isRoll = (size: Json | undefined): boolean => size === "80mm" || size === "58mm";
export const MARGIN = 15;

const list = (value: Json | undefined): Tree[] => (Array.isArray(value) ? (value as Tree[]) : []);

function definitionOf(value: Tree): PrintDefinition {
  const given = value as unknown as Partial<PrintDefinition>;
  return {
    id: String(given.id),
    entity: String(given.entity),
    label: { ...given.label },
    html: given.html ?? "",
    css: given.css ?? "",
    refs: { ...given.refs },
    page: { ...given.page },
    when: given.when ?? null,
    default: given.default ?? false,
  };
}

/** As it is kept: what is blank is left out. */
function kept(one: PrintDefinition): Tree {
  const { css, when, default: first, ...rest } = one;
  return { ...rest, ...(css ? { css } : {}), ...(when?.src ? { when } : {}), ...(first ? { default: true } : {}) } as unknown as Tree;
}

/** The entities of a definition that have pages of their own; rows of sub-tables are printed with their record. */
export function entitiesOf(app: Tree): PrintedEntity[] {
  return list(app.entities)
    .filter((entity) => !entity.trashed && !entity.parent)
    .map((entity) => ({ id: String(entity.id), key: String(entity.key), label: entity.label as Record<string, string> }));
}

export function printsOf(app: Tree, entity: string): PrintDefinition[] {
  return list(app.prints).map(definitionOf).filter((one) => one.entity === entity);
}

/** A definition with one template put in (over the one with its id, else at `at`, else at the end). */
export function withPrint(app: Tree, changed: PrintDefinition, at?: number): Tree {
  const known = list(app.prints);
  const found = known.some((one) => one.id === changed.id);
  // one default page for an entity: choosing it takes the mark from the other
  const others = known.map((one) =>
    changed.default && one.entity === changed.entity && one.id !== changed.id ? kept({ ...definitionOf(one), default: false }) : one,
  );
  const place = at ?? others.length;
  const prints = found
    ? others.map((one) => (one.id === changed.id ? kept(changed) : one))
    : [...others.slice(0, place), kept(changed), ...others.slice(place)];
  return { ...app, prints };
}

export function withoutPrint(app: Tree, id: string): Tree {
  return { ...app, prints: list(app.prints).filter((one) => one.id !== id) };
}

export const placeOf = (app: Tree, id: string): number => list(app.prints).findIndex((one) => one.id === id);

export function freshPrint(entity: string, label: Record<string, string>, html: string): PrintDefinition {
  return { id: newId("prt_"), entity, label, html, css: "", refs: {}, page: { size: "A4", margin: MARGIN }, when: null, default: false };
}

export const sameDefinition = (one: PrintDefinition, other: PrintDefinition): boolean => JSON.stringify(kept(one)) === JSON.stringify(kept(other));
