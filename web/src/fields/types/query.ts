import { TextSearch } from "@lucide/vue";

import type { FieldUi } from "../contract";

/** Records of another entity that meet a condition: it has no value, its widget asks for what it shows. */
export const query: FieldUi<null> = {
  type: "query",
  label: "fields.type.query",
  icon: TextSearch,
  group: "relation",
  align: "start",
  cell: "text",
  computed: true,
  wide: true,
  composite: true,
  empty: () => null,
  fromApi: () => null,
  toApi: () => null,
  blank: () => true,
  equal: () => true,
  text: () => "",
  check: () => null,
  operand: () => "none",
};
