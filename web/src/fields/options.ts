import type { FieldMeta, Text } from "@/api/types";
import { say } from "@/i18n";
import { TONES, type Option, type Tone } from "@/kit/types";

interface RawOption {
  id: string;
  label?: Text;
  color?: string;
}

const toneOf = (color: string | undefined): Tone => TONES.find((tone) => tone === color) ?? "neutral";

/** The options of a select field in the language of the page. */
export function optionsOf(field: FieldMeta): Option[] {
  const raw = field.options?.options;
  if (!Array.isArray(raw)) return [];
  return (raw as RawOption[]).map((option) => ({
    value: option.id,
    label: say(option.label) || option.id,
    tone: toneOf(option.color),
  }));
}

export function optionOf(field: FieldMeta, id: string): Option {
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
