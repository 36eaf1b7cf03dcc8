/** Values of a record in their API form: blank, equal, fitted into a field. */
import type { Json } from "@/api/types";

import { plain, parse, round } from "../expr/decimal.ts";
import { parseInstant } from "../expr/moments.ts";
import { type Result, type Surroundings, type Tree, write } from "../expr/index.ts";
import type { RuledField, RulesMeta, Values } from "./types.ts";

const NUMBERS = new Set(["number", "currency", "percent"]);
const DIGITS = 18;

export type Fit = RulesMeta["fit"][string];

export const isBlank = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const resultOf = (field: RuledField): string => (["formula", "lookup", "rollup"].includes(field.type) ? String(field.options?.result ?? "text") : field.type);

/** Types whose values are lists of ids, kept once each. */
const IDS = new Set(["multi_select", "checkbox_group", "users", "depts", "link_many", "file", "image", "signature", "audio"]);
const LISTS = new Set([...IDS, "tags", "date_range", "subtable"]);

/** The blank of a field: a switch is never blank, a list only empty. */
export function blankOf(field: RuledField): Json {
  const kind = resultOf(field);
  if (kind === "switch" || kind === "boolean") return false;
  return LISTS.has(kind) ? [] : null;
}

/** Types whose values the server writes in its own way (an address, a telephone number): what is typed is not yet that. */
const SERVERS = new Set(["address", "barcode", "email", "id_number", "location", "matrix", "phone", "rich_text", "secret", "tags", "url"]);

/** Whether what was typed into a field is known as it will be stored. */
export const isKnown = (field: RuledField, value: unknown): boolean => isBlank(value) || !SERVERS.has(field.type);

/** A typed value as it will be stored, where that is known here. */
export function settledValue(field: RuledField, value: Json): Json {
  if (isBlank(value)) return blankOf(field);
  if (typeof value === "string" && (field.type === "text" || field.type === "textarea")) return clean(value) || null;
  return IDS.has(field.type) && Array.isArray(value) ? [...new Map(value.map((one) => [idOf(one), one])).values()] : value;
}

/** Whether a value differs from nothing at all; a switch that is off is nothing. */
export const isThere = (value: unknown): boolean => !isBlank(value) && value !== false;

const idOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "id" in value ? (value as { id: unknown }).id : value;

/** Whether two values of a field are the same for the server. */
export function sameValue(field: RuledField, left: unknown, right: unknown): boolean {
  if (left === right || (isBlank(left) && isBlank(right))) return true;
  if (isBlank(left) || isBlank(right)) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((one, at) => idOf(one) === idOf(right[at]));
  }
  const kind = resultOf(field);
  if (NUMBERS.has(kind)) return parse(String(left)) === parse(String(right));
  if (kind === "datetime") return parseInstant(String(left)) === parseInstant(String(right));
  return typeof left === "object" && JSON.stringify(left) === JSON.stringify(right);
}

export interface Fitted {
  value: Json;
  /** Code of an error, for a computed value that is blank because of it. */
  fault?: string;
  /** The value does not fit into the field. */
  misfit?: boolean;
}

/** The result of an expression as a value of a field, rounded to its scale. */
export function fitted(result: Result, tree: Tree, field: RuledField, fit: Fit | undefined): Fitted {
  if ("error" in result) return { value: blankOf(field), fault: result.error };
  const value = write(result.value, tree.t) as Json;
  if (isBlank(value)) return { value: blankOf(field) };
  if (fit?.scale !== undefined && typeof value === "string") return number(value, field, fit, fit.scale);
  return fit?.length !== undefined && typeof value === "string" ? text(value, field, fit, fit.length) : { value };
}

const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff]/u;

const SPACE = "[\\t-\\r\\u001c- \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const EDGES = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/** A text as it is stored: line ends, ends and accents made alike. */
function clean(raw: string): string {
  return raw.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replace(EDGES, "").normalize("NFC");
}

function text(raw: string, field: RuledField, fit: Fit, length: number): Fitted {
  const made = clean(raw);
  if (!made) return { value: blankOf(field) };
  const refused = FORBIDDEN.test(made) || (!fit.lines && /[\n\t]/.test(made)) || [...made].length > length;
  return refused ? { value: blankOf(field), fault: "LIMIT", misfit: true } : { value: made };
}

function number(text: string, field: RuledField, fit: Fit, scale: number): Fitted {
  const rounded = round(parse(text) ?? 0n, scale, "half");
  const shown = plain(rounded);
  const digits = shown.replace("-", "").split(".")[0]!.replace(/^0+/, "").length + scale;
  if (digits > DIGITS) return { value: blankOf(field), fault: "NUM", misfit: true };
  const outside =
    (fit.min !== undefined && rounded < (parse(fit.min) ?? rounded)) || (fit.max !== undefined && rounded > (parse(fit.max) ?? rounded));
  return outside ? { value: blankOf(field), misfit: true } : { value: shown };
}

/** What a new record holds before anybody entered anything. */
export function startOf(field: RuledField, around: Surroundings, parent: Values | null): Json {
  if (["sys_created_by", "sys_updated_by", "sys_owner"].includes(field.id)) {
    return (field.id === "sys_owner" && parent ? (parent[field.key] as string | null) : null) ?? around.user?.id ?? null;
  }
  if (field.id === "sys_created_at" || field.id === "sys_updated_at") return around.now;
  if (field.id === "sys_rev") return "1";
  return plainStart(field);
}

/** The fixed default of a field, or nothing. */
export function plainStart(field: RuledField): Json {
  return typeof field.default === "number" ? String(field.default) : (field.default ?? blankOf(field));
}
