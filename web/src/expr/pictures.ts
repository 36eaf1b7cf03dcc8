/** TEXT with a format: number pictures (`#,##0.00`, `0.0%`) and date pictures (`yyyy-mm-dd hh:mm`). */
import { type Decimal, INTERMEDIATE, abs, divideHalf } from "./decimal.ts";
import { civil, clock, dateOf, isoWeekday, pad, timeOf } from "./moments.ts";

const NUMBER_PARTS = /"([^"]*)"|\\(.)|([0#,.%]+)|(.)/gsu;
const DATE_PARTS = /"([^"]*)"|\\(.)|(y+|Y+|m+|M+|d+|D+|h+|H+|s+|S+)|(.)/gsu;
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

const times = (text: string, character: string): number => text.split(character).length - 1;

/** Writes a number in a format; the sign stands before everything else. */
export function formatNumber(number: Decimal, picture: string): string {
  let [before, after, digits, percent] = ["", "", "", 0];
  for (const [, quoted, escaped, placeholders, other] of picture.matchAll(NUMBER_PARTS)) {
    if (placeholders) {
      digits ||= placeholders.replaceAll("%", "");
      percent += times(placeholders, "%");
      after += "%".repeat(times(placeholders, "%"));
      continue;
    }
    const text = quoted || escaped || other || "";
    if (digits) after += text;
    else before += text;
  }
  if (!digits) return before + after;
  const [wholePart = "", decimalPart = ""] = cut(digits);
  const most = decimalPart.replaceAll(",", "").length;
  const rounded = divideHalf(number * 10n ** BigInt(2 * percent + most), 10n ** BigInt(INTERMEDIATE));
  const shown = abs(rounded).toString().padStart(most + 1, "0");
  const decimals = shown.slice(shown.length - most).replace(/0+$/, "").padEnd(times(decimalPart, "0"), "0");
  let whole = shown.slice(0, shown.length - most).replace(/^0+/, "").padStart(times(wholePart, "0"), "0");
  if (wholePart.includes(",")) whole = whole.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ",");
  const point = times(decimalPart, "0") || decimals ? "." : "";
  return `${rounded < 0n ? "-" : ""}${before}${whole}${point}${decimals}${after}`;
}

/** Before and after the first point. */
function cut(digits: string): [string, string] {
  const at = digits.indexOf(".");
  return at < 0 ? [digits, ""] : [digits.slice(0, at), digits.slice(at + 1)];
}

/** Writes a wall clock in a format. `m` means minutes after `h` or before `s`, else months. */
export function formatMoment(wall: bigint, picture: string): string {
  const parts = [...picture.matchAll(DATE_PARTS)];
  let last = "";
  return parts
    .map(([, quoted, escaped, letters, other], at) => {
      if (!letters) return quoted || escaped || other || "";
      const following = parts.slice(at + 1).find((part) => part[3])?.[3]?.[0] ?? "";
      const minutes = letters[0] === "m" && (/[hH]/.test(last) || /[sS]/.test(following));
      last = letters[0]!;
      return momentPart(wall, minutes ? "minute" : last.toLowerCase(), letters.length);
    })
    .join("");
}

function momentPart(wall: bigint, kind: string, width: number): string {
  const date = dateOf(wall);
  const { year, month, day } = civil(date);
  const { hour, minute, second } = clock(timeOf(wall));
  if (kind === "y") return width > 2 ? pad(year, 4) : pad(year % 100);
  if (kind === "m" && width >= 3) return MONTHS[month - 1]!.slice(0, width > 3 ? undefined : 3);
  if (kind === "d" && width >= 3) return WEEKDAYS[isoWeekday(date) - 1]!.slice(0, width > 3 ? undefined : 3);
  const value = { m: month, d: day, h: hour, minute, s: second }[kind]!;
  return pad(value, Math.min(width, 2));
}
