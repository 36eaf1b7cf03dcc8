import type { FieldMeta, Json } from "@/api/types";
import { say, t, type Key } from "@/i18n";

import type { FieldContext, FieldUi } from "./contract";
import { isResult } from "./results";
import { barcode } from "./types/barcode";
import { address } from "./types/address";
import { audio } from "./types/audio";
import { cascader } from "./types/cascader";
import { checkboxGroup } from "./types/checkboxGroup";
import { currency } from "./types/currency";
import { date } from "./types/date";
import { dateRange } from "./types/dateRange";
import { datetime } from "./types/datetime";
import { duration } from "./types/duration";
import { dept } from "./types/dept";
import { depts } from "./types/depts";
import { email } from "./types/email";
import { file } from "./types/file";
import { formula } from "./types/formula";
import { idNumber } from "./types/idNumber";
import { image } from "./types/image";
import { linkMany } from "./types/linkMany";
import { linkOne } from "./types/linkOne";
import { lookup } from "./types/lookup";
import { location } from "./types/location";
import { matrix } from "./types/matrix";
import { multiSelect } from "./types/multiSelect";
import { number } from "./types/number";
import { percent } from "./types/percent";
import { phone } from "./types/phone";
import { progress } from "./types/progress";
import { query } from "./types/query";
import { radio } from "./types/radio";
import { rating } from "./types/rating";
import { richText } from "./types/richText";
import { rollup } from "./types/rollup";
import { secret } from "./types/secret";
import { select } from "./types/select";
import { serial } from "./types/serial";
import { signature } from "./types/signature";
import { subtable } from "./types/subtable";
import { toggle } from "./types/switch";
import { tags } from "./types/tags";
import { text } from "./types/text";
import { textarea } from "./types/textarea";
import { time } from "./types/time";
import { url } from "./types/url";
import { user } from "./types/user";
import { users } from "./types/users";

/** Every field type of this install; the server's registry has the same names. */
export const FIELD_UIS: readonly FieldUi[] = [
  text,
  textarea,
  email,
  phone,
  number,
  currency,
  percent,
  date,
  datetime,
  toggle,
  select,
  multiSelect,
  radio,
  checkboxGroup,
  tags,
  cascader,
  matrix,
  user,
  users,
  dept,
  depts,
  address,
  location,
  linkOne,
  linkMany,
  subtable,
  file,
  image,
  signature,
  audio,
  formula,
  serial,
  url,
  idNumber,
  barcode,
  rating,
  progress,
  duration,
  time,
  dateRange,
  lookup,
  rollup,
  query,
  richText,
  secret,
] as FieldUi<never>[] as FieldUi[];

const byType = new Map(FIELD_UIS.map((ui) => [ui.type, ui]));

/** The type's module; a type this browser does not know is shown as text. */
export function fieldType(name: string): FieldUi {
  return byType.get(name) ?? (text as FieldUi<never> as FieldUi);
}

/** A value of the API as plain text; a masked value is text already. */
export function textOf(field: FieldMeta, json: Json | undefined, ctx: FieldContext): string {
  if (field.level === "masked") return json == null ? "" : String(json);
  const ui = fieldType(field.type);
  return ui.text(field, ui.fromApi(json, field), ctx);
}

/** Things are filled in, chosen, uploaded or added. */
function requiredKey(ui: FieldUi): Key {
  if (ui.type === "file" || ui.type === "image") return "fields.check.requiredFile";
  if (ui.type === "subtable") return "fields.check.requiredRows";
  return ["text", "mail", "phone", "url", "code"].includes(ui.cell) ? "fields.check.required" : "fields.check.requiredChoice";
}

/** What is wrong with a form value, required included; null when nothing is. */
export function checkField(field: FieldMeta, value: unknown, ctx: FieldContext): string | null {
  const ui = fieldType(field.type);
  if (ui.computed) return null;
  if (ui.blank(value)) return field.required ? t(requiredKey(ui), { name: say(field.label) }) : null;
  return ui.check(field, value, ctx);
}

/** Where a column of these values stands in a list. */
export function alignOf(field: FieldMeta): "start" | "end" | "center" {
  return isResult(field) && field.options?.result === "number" ? "end" : fieldType(field.type).align;
}
