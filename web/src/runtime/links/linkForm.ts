import type { LinkChange, LinkField, LinkSettings, PrefillMode, PublicLink } from "@/api/links";
import type { Json } from "@/api/types";

export type LinkState = "open" | "paused" | "soon" | "closed" | "full";

/** What a visitor would find now. */
export function stateOf(link: PublicLink, now: number = Date.now()): LinkState {
  const { opens_at, closes_at, quota } = link.settings;
  if (link.state === "paused") return "paused";
  if (closes_at && Date.parse(closes_at) <= now) return "closed";
  if (quota && link.answers >= quota) return "full";
  return opens_at && Date.parse(opens_at) > now ? "soon" : "open";
}

export const NUMBERS = ["quota", "per_visitor", "per_address_minute", "per_minute", "min_seconds", "uploads", "upload_mb"] as const;
export type NumberName = (typeof NUMBERS)[number];
export type TextName = "title" | "intro" | "thanks";

/** One line of the list of fields: whether it is asked for, chosen in, and how it comes filled in. */
export interface FieldLine {
  field: LinkField;
  on: boolean;
  pick: boolean;
  condition: string;
  refs: Record<string, string>;
  prefill: "none" | PrefillMode;
  value: unknown;
}

/** The settings as controls hold them: numbers are texts, lists are lines. */
export interface LinkForm {
  label: string;
  form: string | null;
  lines: FieldLine[];
  bind: string | null;
  opens_at: string | null;
  closes_at: string | null;
  numbers: Record<NumberName, string | null>;
  password: string;
  dropPassword: boolean;
  sign_in: boolean;
  language: string;
  mode: string;
  texts: Record<TextName, Record<string, string>>;
  redirect: string;
  accent: string;
  logo: string;
  embed: string;
}

const DEFAULTS: Record<NumberName, number> = {
  quota: 0,
  per_visitor: 0,
  per_address_minute: 10,
  per_minute: 300,
  min_seconds: 3,
  uploads: 0,
  upload_mb: 10,
};
/** For these 0 means none, and is shown as a blank. */
const BLANK_IS_ZERO: readonly NumberName[] = ["quota", "per_visitor"];

function lineOf(field: LinkField, known: LinkSettings | undefined): FieldLine {
  const pick = known?.pick[field.id];
  const prefill = known?.prefill[field.id];
  return {
    field,
    on: known ? known.fields.includes(field.id) : !field.link,
    pick: pick !== undefined,
    condition: pick?.src ?? "",
    refs: pick?.refs ?? {},
    prefill: prefill?.mode ?? "none",
    value: prefill?.value ?? null,
  };
}

const numberOf = (name: NumberName, value: number): string | null => (BLANK_IS_ZERO.includes(name) && !value ? null : String(value));

export function formOf(fields: readonly LinkField[], link?: PublicLink): LinkForm {
  const known = link?.settings;
  const order = (field: LinkField): number => {
    const at = known?.fields.indexOf(field.id) ?? -1;
    return at < 0 ? fields.length : at;
  };
  return {
    label: link?.label ?? "",
    form: known?.form ?? "",
    lines: fields.map((field) => lineOf(field, known)).sort((one, other) => order(one.field) - order(other.field)),
    bind: known?.bind ?? "",
    opens_at: known?.opens_at || null,
    closes_at: known?.closes_at || null,
    numbers: Object.fromEntries(NUMBERS.map((name) => [name, numberOf(name, known?.[name] ?? DEFAULTS[name])])) as LinkForm["numbers"],
    password: "",
    dropPassword: false,
    sign_in: known?.sign_in ?? false,
    language: known?.language ?? "auto",
    mode: known?.mode || "form",
    texts: { title: { ...known?.title }, intro: { ...known?.intro }, thanks: { ...known?.thanks } },
    redirect: known?.redirect ?? "",
    accent: known?.accent ?? "#2f55d4",
    logo: known?.logo ?? "",
    embed: known?.embed.join("\n") ?? "",
  };
}

/** Text that is no whole number goes up as it is: the server says what is wrong with it. */
function sent(name: NumberName, text: string | null): number {
  if (text === null) return BLANK_IS_ZERO.includes(name) || name === "uploads" || name === "min_seconds" ? 0 : DEFAULTS[name];
  return Number(text);
}

export function settingsOf(form: LinkForm): LinkChange {
  const asked = form.lines.filter((line) => line.on);
  const password = form.dropPassword ? "" : form.password || undefined;
  return {
    form: form.form ?? "",
    fields: asked.map((line) => line.field.id),
    pick: Object.fromEntries(
      asked.filter((line) => line.field.link && line.pick).map((line) => [line.field.id, { src: line.condition, refs: line.refs }]),
    ),
    prefill: Object.fromEntries(
      asked.flatMap((line) =>
        line.prefill === "none" ? [] : [[line.field.id, { mode: line.prefill, value: line.prefill === "fixed" ? (line.value as Json) : null }]],
      ),
    ),
    bind: form.bind ?? "",
    opens_at: form.opens_at ?? "",
    closes_at: form.closes_at ?? "",
    ...(Object.fromEntries(NUMBERS.map((name) => [name, sent(name, form.numbers[name])])) as Record<NumberName, number>),
    ...(password === undefined ? {} : { password }),
    sign_in: form.sign_in,
    language: form.language,
    mode: form.mode === "form" ? "" : form.mode,
    ...form.texts,
    redirect: form.redirect.trim(),
    accent: form.accent.trim(),
    logo: form.logo,
    embed: form.embed.split(/\s+/).filter(Boolean),
  };
}
