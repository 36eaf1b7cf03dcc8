import { lang } from "@/i18n";

/** Units of a duration in seconds, largest first. A day has 24 hours. */
export const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
export type DurationUnit = keyof typeof UNITS;
const ALL = Object.keys(UNITS) as DurationUnit[];

const NAMES: Record<string, DurationUnit> = Object.fromEntries(
  (
    [
      ["d", "天 日 d day days"],
      ["h", "小时 时 钟头 h hr hrs hour hours"],
      ["m", "分钟 分 m min mins minute minutes"],
      ["s", "秒钟 秒 s sec secs second seconds"],
    ] as const
  ).flatMap(([unit, names]) => names.split(" ").map((name) => [name, unit])),
);
const PART = new RegExp(
  `(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(NAMES)
    .sort((a, b) => b.length - a.length)
    .join("|")})(?![a-z])\\s*[,零又]?\\s*`,
  "y",
);
const WORDS: Record<string, Record<DurationUnit, string>> = {
  zh: { d: "天", h: "小时", m: "分", s: "秒" },
  en: { d: "d", h: "h", m: "m", s: "s" },
};

/** The units of a field, largest first. */
export function unitsOf(chosen: unknown): readonly DurationUnit[] {
  const found = Array.isArray(chosen) ? ALL.filter((unit) => chosen.includes(unit)) : [];
  return found.length ? found : ["h", "m"];
}

/** Seconds in words, with smaller units where something is left: `1小时30分`, `1h 30m`. */
export function durationWords(seconds: number, units: readonly DurationUnit[]): string {
  const chinese = lang() !== "en";
  const words = WORDS[chinese ? "zh" : "en"]!;
  const last = units[units.length - 1] ?? "m";
  let rest = Math.abs(seconds);
  const parts: string[] = [];
  ALL.forEach((unit, at) => {
    if (!units.includes(unit) && at <= ALL.indexOf(last)) return;
    const count = Math.floor(rest / UNITS[unit]);
    rest -= count * UNITS[unit];
    if (count) parts.push(`${count}${words[unit]}`);
  });
  const text = parts.join(chinese ? "" : " ") || `0${words[last]}`;
  return seconds < 0 ? `-${text}` : text;
}

/** Seconds of what a person wrote (`1:30`, `1小时30分`, `90`); null when it is no duration in whole seconds. */
export function readDuration(text: string, units: readonly DurationUnit[]): number | null {
  const plain = text.normalize("NFKC").trim().toLowerCase();
  const negative = /^[-−–]/.test(plain);
  const seconds = spanOf(negative ? plain.slice(1).trim() : plain, units[units.length - 1] ?? "m");
  if (seconds === null || Math.abs(seconds - Math.round(seconds)) > 1e-6 || seconds > 400_000 * UNITS.d) return null;
  return negative ? -Math.round(seconds) || 0 : Math.round(seconds);
}

function spanOf(text: string, unit: DurationUnit): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * UNITS[unit];
  const clock = /^(\d{1,7}):([0-5]?\d)(?::([0-5]?\d))?$/.exec(text);
  if (clock) return Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  let [at, total, before] = [0, 0, 0];
  while (at < text.length) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    const size = part ? UNITS[NAMES[part[2]!]!] : 0;
    if (!part || (before && size >= before)) return null;
    total += Number(part[1]) * size;
    [at, before] = [PART.lastIndex, size];
  }
  return before ? total : null;
}
