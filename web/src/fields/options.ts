import type { FieldMeta, Text } from "@/api/types";
import { say } from "@/i18n";
import { TONES, type Option, type Tone } from "@/kit/types";

import { matrixColumns, matrixRows } from "./scale";
import { Tree } from "./tree";

interface RawOption {
  id: string;
  label?: Text;
  color?: string;
  parent?: string;
}

const toneOf = (color: string | undefined): Tone => TONES.find((tone) => tone === color) ?? "neutral";

const rawOptions = (field: FieldMeta): RawOption[] =>
  Array.isArray(field.options?.options) ? (field.options.options as RawOption[]) : [];

/** The options of a cascader. */
export const treeOf = (field: FieldMeta): Tree =>
  new Tree(rawOptions(field).map(({ id, label, parent }) => ({ id, label: say(label) || id, parent: parent ?? "" })));

/** Labels from the root of a cascader to each of its options. */
function pathsOf(field: FieldMeta): Option[] {
  const tree = treeOf(field);
  return [...tree.nodes.keys()].map((id) => ({ value: id, label: tree.words(id) }));
}

const pairsOf = (field: FieldMeta): Option[] =>
  matrixRows(field).flatMap((row) =>
    matrixColumns(field).map((column) => ({ value: `${row.id}:${column.id}`, label: `${row.label}: ${column.label}` })),
  );

/** Words without a colour of their own get one of these, always the same. */
const TAG_TONES: readonly Tone[] = ["info", "teal", "violet", "ok", "warn", "neutral"];

function tagOf(field: FieldMeta, word: string): Option {
  const known = Array.isArray(field.options?.tags) ? (field.options.tags as { text: string; color?: string }[]) : [];
  const color = known.find((tag) => tag.text === word)?.color;
  const sum = [...word].reduce((total, letter) => (total * 31 + letter.codePointAt(0)!) % 9973, 7);
  return { value: word, label: word, tone: color ? toneOf(color) : TAG_TONES[sum % TAG_TONES.length]! };
}

/** What can be chosen in a field, in the language of the page. */
export function optionsOf(field: FieldMeta): Option[] {
  if (field.type === "cascader") return pathsOf(field);
  if (field.type === "matrix") return pairsOf(field);
  return rawOptions(field).map((option) => ({
    value: option.id,
    label: say(option.label) || option.id,
    tone: toneOf(option.color),
  }));
}

export function optionOf(field: FieldMeta, id: string): Option {
  if (field.type === "tags") return tagOf(field, id);
  return optionsOf(field).find((option) => option.value === id) ?? { value: id, label: id, tone: "neutral" };
}

export function numberOption(field: FieldMeta, name: string): number | undefined {
  const value = field.options?.[name];
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" && !Number.isNaN(Number(value)) ? Number(value) : undefined;
}

/** A bound as it was written, so that no digit of it is lost. */
export function boundOption(field: FieldMeta, name: string): string | undefined {
  const value = field.options?.[name];
  return typeof value === "number" || (typeof value === "string" && value !== "") ? String(value) : undefined;
}

export function textOption(field: FieldMeta, name: string): string {
  const value = field.options?.[name];
  return typeof value === "string" ? value : "";
}
