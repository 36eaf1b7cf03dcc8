import { Link2 } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { textual } from "./bases";

/** The address as the server takes it: people leave `https://` out. */
export function webAddress(text: string): string {
  const plain = text.trim();
  return !plain || /^[a-z][a-z\d+.-]*:(?!\d)/i.test(plain) ? plain : `https://${plain.replace(/^\/\//, "")}`;
}

/** Where a link may lead: never a script, whatever a record holds. */
export function openable(text: string): string | undefined {
  return /^https?:\/\/[^\s/@]+([/?#]|$)/i.test(text) ? text : undefined;
}

export const url: FieldUi<string | null> = {
  ...textual,
  type: "url",
  label: "fields.type.url",
  icon: Link2,
  group: "basic",
  cell: "url",
  toApi: (value) => (value ? webAddress(value) || null : null),
  equal: (a, b) => webAddress(a ?? "") === webAddress(b ?? ""),
  check: (_field, value) => (value && !openable(webAddress(value)) ? t("fields.check.url", { value }) : null),
};
