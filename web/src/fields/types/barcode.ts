import { ScanLine } from "@lucide/vue";

import type { FieldMeta } from "@/api/types";
import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { textOption } from "../options";
import { textual } from "./bases";

const DIGITS: Record<string, number> = { ean13: 13, ean8: 8, upca: 12 };

/** How the code is drawn; a QR code unless something else is asked for. */
export const symbologyOf = (field: FieldMeta): string => textOption(field, "symbology") || "qr";

/** Whether the last digit of an article number is the check digit of those before it. */
export function articleNumber(text: string, digits: number): boolean {
  if (!new RegExp(`^\\d{${digits}}$`).test(text)) return false;
  const sum = [...text].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

export const barcode: FieldUi<string | null> = {
  ...textual,
  type: "barcode",
  label: "fields.type.barcode",
  icon: ScanLine,
  group: "advanced",
  cell: "code",
  check(field, value) {
    if (!value) return null;
    const digits = DIGITS[symbologyOf(field)];
    if (digits !== undefined)
      return articleNumber(value.replace(/[ -]/g, ""), digits) ? null : t("fields.check.article", { n: digits });
    if (symbologyOf(field) === "code128" && !/^[\x20-\x7e]*$/.test(value)) return t("fields.check.ascii");
    const max = symbologyOf(field) === "code128" ? 80 : 500;
    return [...value].length > max ? t("fields.check.tooLong", { max }) : null;
  },
};
