import { MapPinned } from "@lucide/vue";

import type { Json } from "@/api/types";

import type { FieldUi } from "../contract";
import { operandOf } from "./bases";

/** A region by code with its names from the province down, and the street. */
export interface Address {
  code: string;
  names: string[];
  detail: string;
}

const operand = operandOf("text", "texts");
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");

export const address: FieldUi<Address | null> = {
  type: "address",
  label: "fields.type.address",
  icon: MapPinned,
  group: "advanced",
  align: "start",
  cell: "text",
  composite: true,
  empty: () => null,
  fromApi(json) {
    if (!json || typeof json !== "object" || Array.isArray(json) || !textOf(json.code)) return null;
    const names = Array.isArray(json.names) ? json.names.filter((name) => typeof name === "string") : [];
    return { code: textOf(json.code), names, detail: textOf(json.detail) };
  },
  toApi: (value) => (value ? { code: value.code, names: value.names, detail: value.detail } : null),
  blank: (value) => !value?.code,
  equal: (a, b) => a?.code === b?.code && (a?.detail ?? "") === (b?.detail ?? ""),
  text: (_field, value) => (value ? [value.names.join(""), value.detail].filter(Boolean).join(" ") : ""),
  check: () => null,
  operand: (operator) => (operator === "under" ? "lookups" : operand(operator)),
};
