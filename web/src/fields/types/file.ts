import { Paperclip } from "@lucide/vue";

import type { FileItem, Json } from "@/api/types";

import type { FieldUi } from "../contract";
import { operandOf } from "./bases";

function fileOf(json: Json): FileItem[] {
  if (typeof json === "string") return [{ id: json, name: json, size: 0, type: "" }];
  if (!json || typeof json !== "object" || Array.isArray(json) || typeof json.id !== "string") return [];
  return [
    {
      id: json.id,
      name: typeof json.name === "string" ? json.name : json.id,
      size: typeof json.size === "number" ? json.size : 0,
      type: typeof json.type === "string" ? json.type : "",
    },
  ];
}

export const file: FieldUi<FileItem[]> = {
  type: "file",
  label: "fields.type.file",
  icon: Paperclip,
  group: "advanced",
  align: "start",
  cell: "files",
  wide: true,
  composite: true,
  empty: () => [],
  fromApi: (json) => (Array.isArray(json) ? json.flatMap(fileOf) : []),
  toApi: (value) => value.map((item) => item.id),
  blank: (value) => value.length === 0,
  equal: (a, b) => a.length === b.length && a.every((item, index) => item.id === b[index]?.id),
  text: (_field, value) => value.map((item) => item.name).join(", "),
  check: () => null,
  operand: operandOf("none", "none"),
};
