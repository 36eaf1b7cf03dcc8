import type { FieldMeta, Json } from "@/api/types";
import { say, t } from "@/i18n";
import { instantOf, parseDate, parseTime, today } from "@/kit/dates";
import { parseDecimal, shift } from "@/kit/decimals";
import type { Option } from "@/kit/types";

import type { FieldContext } from "./contract";
import { optionsOf } from "./options";
import { fieldType } from "./registry";

/** What a text means as a value of a field, or why it means nothing. */
export type Typed = { json: Json } | { error: string };

const YES = new Set(["是", "yes", "y", "true", "1", "√", "✓", "on", "有"]);
const NO = new Set(["否", "no", "n", "false", "0", "×", "✗", "off", "无", ""]);
/** Between the values of a cell that holds several. */
const SEVERAL = /[,;，；、\n|]+/;
const LOOKED_UP = 20;

const plain = (text: string): string => text.trim().toLowerCase();

function choice(field: FieldMeta, text: string): string | null {
  const wanted = plain(text);
  const raw = (field.options?.options ?? []) as { id: string; label: FieldMeta["label"] }[];
  const found = optionsOf(field).find((option) => option.value === text || plain(option.label) === wanted);
  if (found) return found.value;
  const other = raw.find((option) => typeof option.label !== "string" && Object.values(option.label).some((label) => plain(label) === wanted));
  return other?.id ?? null;
}

const several = (text: string): string[] => text.split(SEVERAL).map((one) => one.trim()).filter(Boolean);
const unknown = (field: FieldMeta, text: string): Typed => ({ error: t("fields.typed.unknown", { text, name: say(field.label) }) });

async function oneRecord(field: FieldMeta, text: string, ctx: FieldContext): Promise<Option | string> {
  const found = await ctx.lookup(field, text.trim());
  const same = found.filter((option) => plain(option.label) === plain(text));
  if (same.length > 1) return t("fields.typed.ambiguous", { text });
  if (same[0]) return same[0];
  return found.length >= LOOKED_UP ? t("fields.typed.ambiguous", { text }) : t("fields.typed.unknown", { text, name: say(field.label) });
}

async function records(field: FieldMeta, texts: string[], ctx: FieldContext): Promise<{ ids: string[] } | { error: string }> {
  const ids: string[] = [];
  for (const text of texts) {
    const found = await oneRecord(field, text, ctx);
    if (typeof found === "string") return { error: found };
    ctx.remember(field, [found]);
    ids.push(found.value);
  }
  return { ids };
}

function instant(text: string, zone: string): string | null {
  const [date = "", time = "0:00"] = text.trim().replace("T", " ").split(/\s+(?=\S+$)/);
  const [day, clock] = [parseDate(date, today(zone)), parseTime(time.replace(/(:\d{2}):\d{2}(\.\d+)?$/, "$1"))];
  if (!day || !clock) {
    const only = parseDate(text, today(zone));
    return only ? instantOf(only, "00:00", zone) : null;
  }
  return instantOf(day, clock, zone);
}

type Reader = (field: FieldMeta, text: string, ctx: FieldContext) => Json | undefined | Promise<Typed>;

const number: Reader = (_field, text) => parseDecimal(text) ?? undefined;
const link: Reader = async (field, text, ctx) => {
  const found = await records(field, [text], ctx);
  return "error" in found ? found : { json: found.ids[0] ?? null };
};
const links: Reader = async (field, text, ctx) => {
  const found = await records(field, several(text), ctx);
  return "error" in found ? found : { json: found.ids };
};
const choices: Reader = (field, text) => {
  const ids = several(text).map((one) => choice(field, one));
  return ids.includes(null) ? undefined : (ids as string[]);
};

const READERS: Record<string, Reader> = {
  number,
  currency: number,
  percent: (_field, text) => {
    const found = parseDecimal(text);
    if (found === null) return undefined;
    return /[%％]/.test(text) ? shift(found, -2) : found;
  },
  date: (_field, text, ctx) => parseDate(text, today(ctx.zone)) ?? undefined,
  datetime: (_field, text, ctx) => instant(text, ctx.zone) ?? undefined,
  switch: (_field, text) => (YES.has(plain(text)) ? true : NO.has(plain(text)) ? false : undefined),
  time: (_field, text) => parseTime(text, /:\d+:/.test(text)) ?? undefined,
  rating: number,
  progress: number,
  select: (field, text) => choice(field, text.trim()) ?? undefined,
  radio: (field, text) => choice(field, text.trim()) ?? undefined,
  multi_select: choices,
  checkbox_group: choices,
  tags: (_field, text) => several(text),
  user: link,
  link_one: link,
  users: links,
  link_many: links,
};

/** Read what was pasted or typed as text: numbers, dates, names of options, people and records. Blank is the empty value. */
export async function typedValue(field: FieldMeta, text: string, ctx: FieldContext): Promise<Typed> {
  const ui = fieldType(field.type);
  if (!text.trim()) return { json: ui.toApi(ui.empty(field), field) };
  const read = READERS[field.type];
  const found = read ? await read(field, text, ctx) : text;
  if (found === undefined) return unknown(field, text);
  if (found !== null && typeof found === "object" && !Array.isArray(found) && ("json" in found || "error" in found)) {
    if ("error" in found) return found as Typed;
    return { json: (found as { json: Json }).json };
  }
  const value = ui.fromApi(found as Json, field);
  if (ui.blank(value) && field.type !== "switch") return unknown(field, text);
  const complaint = ui.check(field, value, ctx);
  return complaint ? { error: complaint } : { json: ui.toApi(value, field) };
}
