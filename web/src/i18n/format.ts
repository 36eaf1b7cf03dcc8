import { lang } from "./lang";

/** Zone instants are shown in; the session sets it once it is known. */
let zone = "Asia/Shanghai";

export function setZone(name: string): void {
  zone = name;
}

export const currentZone = (): string => zone;

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat>();

function made<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat>(
  kind: string,
  options: object,
  make: () => T,
): T {
  const key = kind + lang() + JSON.stringify(options);
  let found = cache.get(key) as T | undefined;
  if (!found) cache.set(key, (found = make()));
  return found;
}

const DATE: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

function parts(iso: string, in_zone: string, seconds = false): Record<string, string> {
  const options = { ...DATE, ...TIME, ...(seconds ? { second: "2-digit" as const } : {}), timeZone: in_zone };
  const format = made("parts", options, () => new Intl.DateTimeFormat("en-CA", options));
  return Object.fromEntries(format.formatToParts(new Date(iso)).map((part) => [part.type, part.value]));
}

const valid = (iso: string): boolean => !Number.isNaN(Date.parse(iso));

/** Numbers, dates and sizes for people. What cannot be read as the type comes back as it was given. */
export const fmt = {
  /** Decimal strings keep every digit: they are never turned into binary floating point. */
  number(value: string | number, options: Intl.NumberFormatOptions = {}): string {
    const text = String(value);
    if (!/^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text)) return text;
    const scale = options.minimumFractionDigits === undefined ? (text.split(".")[1]?.length ?? 0) : undefined;
    const all = {
      ...(scale === undefined ? {} : { minimumFractionDigits: scale, maximumFractionDigits: Math.max(scale, 0) }),
      ...options,
    };
    return made("number", all, () => new Intl.NumberFormat(lang(), all)).format(text as Intl.StringNumericLiteral);
  },
  /** `2026-11-21` in both languages: unambiguous and aligned in columns. */
  date(iso: string): string {
    return iso.length > 10 && valid(iso) ? fmt.dateTime(iso).slice(0, 10) : iso;
  },
  dateTime(iso: string, in_zone = zone): string {
    if (!valid(iso)) return iso;
    const p = parts(iso, in_zone);
    return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
  },
  time(iso: string, in_zone = zone): string {
    return valid(iso) ? fmt.dateTime(iso, in_zone).slice(11) : iso;
  },
  /** `3 分钟前`; past 30 days the date. */
  relative(iso: string, now: number = Date.now()): string {
    if (!valid(iso)) return iso;
    const seconds = (Date.parse(iso) - now) / 1000;
    if (Math.abs(seconds) > 30 * 86_400) return fmt.dateTime(iso).slice(0, 10);
    const format = made("relative", {}, () => new Intl.RelativeTimeFormat(lang(), { numeric: "auto" }));
    for (const [unit, size] of STEPS) {
      if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
    }
    return format.format(0, "second");
  },
  size(bytes: number): string {
    const units = ["B", "KB", "MB", "GB", "TB"];
    let value = bytes;
    let step = 0;
    while (value >= 1024 && step < units.length - 1) {
      value /= 1024;
      step += 1;
    }
    return `${fmt.number(value, { maximumFractionDigits: step && value < 100 ? 1 : 0, minimumFractionDigits: 0 })} ${units[step]}`;
  },
  list(items: string[], type: "conjunction" | "disjunction" | "unit" = "conjunction"): string {
    const options = { type, style: "long" as const };
    return made("list", options, () => new Intl.ListFormat(lang(), options)).format(items);
  },
};
