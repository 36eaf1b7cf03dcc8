import { MapPin } from "@lucide/vue";

import type { Json } from "@/api/types";
import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { awayFrom, rangeOf } from "../geo";
import { operandOf } from "./bases";

/** Degrees in WGS-84. */
export interface Place {
  lat: number;
  lng: number;
  address: string;
}

const operand = operandOf("text", "texts");

function degrees(value: Json | undefined, limit: number): number | null {
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return value !== "" && Number.isFinite(number) && Math.abs(number) <= limit ? number : null;
}

const written = (value: Place): string => `${value.lat.toFixed(6)}, ${value.lng.toFixed(6)}`;

export const location: FieldUi<Place | null> = {
  type: "location",
  label: "fields.type.location",
  icon: MapPin,
  group: "advanced",
  align: "start",
  cell: "text",
  composite: true,
  empty: () => null,
  fromApi(json) {
    if (!json || typeof json !== "object" || Array.isArray(json)) return null;
    const [lat, lng] = [degrees(json.lat, 90), degrees(json.lng, 180)];
    return lat === null || lng === null ? null : { lat, lng, address: typeof json.address === "string" ? json.address : "" };
  },
  toApi: (value) => (value ? { lat: value.lat, lng: value.lng, address: value.address } : null),
  blank: (value) => !value,
  equal: (a, b) => a?.lat === b?.lat && a?.lng === b?.lng && (a?.address ?? "") === (b?.address ?? ""),
  text: (_field, value) => (value ? (value.address ? `${value.address} (${written(value)})` : written(value)) : ""),
  check(field, value) {
    const range = rangeOf(field);
    if (!range || !value) return null;
    const away = awayFrom(value, range);
    return away > range.m ? t("fields.place.tooFar", { away: Math.round(away), place: range.label, limit: range.m }) : null;
  },
  operand: (operator) => (operator === "near" ? "near" : operand(operator)),
  words(_field, operator, value) {
    if (operator !== "near" || !value || typeof value !== "object" || Array.isArray(value)) return null;
    return t("fields.place.within", { m: String(value.m ?? ""), place: `${String(value.lat)}, ${String(value.lng)}` });
  },
};
