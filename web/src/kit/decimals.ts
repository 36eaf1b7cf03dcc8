/** Exact decimals as texts: a number a person typed is never turned into binary floating point. */

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const UNITS: Record<string, number> = { 百: 2, 千: 3, k: 3, 万: 4, w: 4, m: 6, 亿: 8 };

function tidy(negative: boolean, whole: string, fraction: string): string {
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  const text = fraction ? `${digits}.${fraction}` : digits;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

/** Move the decimal point: `shift("0.15", 2)` is `"15"`. */
export function shift(value: string, places: number): string {
  const found = PLAIN.exec(value);
  if (!found) return value;
  let whole = found[2] ?? "";
  let fraction = found[3] ?? "";
  if (places > 0) {
    fraction = fraction.padEnd(places, "0");
    whole += fraction.slice(0, places);
    fraction = fraction.slice(places);
  } else {
    whole = whole.padStart(1 - places, "0");
    fraction = whole.slice(whole.length + places) + fraction;
    whole = whole.slice(0, whole.length + places);
  }
  return tidy(found[1] === "-", whole, fraction.replace(/0+$/, ""));
}

/**
 * Read a number a person typed or pasted: grouping commas, full-width digits, a currency sign, a percent sign (dropped),
 * 万 and 亿. Null when it is not a number.
 */
export function parseDecimal(text: string): string | null {
  const clean = text
    .replace(/[０-９．－，％]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/^\((.*)\)$/, "-$1")
    .replace(/[\s,_¥￥$€£%元]/g, "")
    .toLowerCase();
  const unit = UNITS[clean.slice(-1)];
  const found = PLAIN.exec(unit ? clean.slice(0, -1) : clean);
  if (!found || !(found[2] || found[3])) return null;
  const plain = tidy(found[1] === "-", found[2] ?? "", found[3] ?? "");
  return unit ? shift(plain, unit) : plain;
}

export const scaleOf = (value: string): number => value.split(".")[1]?.length ?? 0;

function scaled(value: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = value.replace("-", "").split(".");
  const size = BigInt(whole + fraction.padEnd(scale, "0").slice(0, scale));
  return value.startsWith("-") ? -size : size;
}

/** Less than zero, zero or more, as in a sort. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function addDecimals(a: string, b: string): string {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const sum = scaled(a, scale) + scaled(b, scale);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  return tidy(sum < 0n, digits.slice(0, digits.length - scale), scale ? digits.slice(-scale) : "");
}

/** Fill up to `scale` decimals; more are left alone for the check to complain about. */
export function padScale(value: string, scale: number): string {
  const missing = scale - scaleOf(value);
  if (missing <= 0) return value;
  return (value.includes(".") ? value : `${value}.`) + "0".repeat(missing);
}
