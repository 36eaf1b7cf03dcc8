/** Calendar arithmetic on ISO texts. A date has no zone; an instant is shown and typed in a named zone. */

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
const utc = (iso: string): Date => new Date(`${iso}T00:00:00Z`);
const isoOf = (date: Date): string => date.toISOString().slice(0, 10);

export function isDate(text: string): boolean {
  return ISO_DATE.test(text) && !Number.isNaN(utc(text).getTime()) && isoOf(utc(text)) === text;
}

export function addDays(iso: string, days: number): string {
  const date = utc(iso);
  date.setUTCDate(date.getUTCDate() + days);
  return isoOf(date);
}

/** The same day of another month, or its last day when that month is shorter. */
export function addMonths(iso: string, months: number): string {
  const [year, month, day] = [Number(iso.slice(0, 4)), Number(iso.slice(5, 7)), Number(iso.slice(8, 10))];
  const index = year * 12 + (month - 1) + months;
  const last = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate();
  return `${pad(Math.floor(index / 12), 4)}-${pad((index % 12) + 1)}-${pad(Math.min(day, last))}`;
}

/** 1 Monday … 7 Sunday. */
export const weekday = (iso: string): number => utc(iso).getUTCDay() || 7;

/** Six weeks of days that show a month, starting on Monday. */
export function monthGrid(iso: string): string[][] {
  const first = `${iso.slice(0, 8)}01`;
  const start = addDays(first, 1 - weekday(first));
  return Array.from({ length: 6 }, (_, week) => Array.from({ length: 7 }, (_, day) => addDays(start, week * 7 + day)));
}

function zoneParts(instant: Date, zone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, part.value]));
}

/** Wall clock of an instant in a zone. */
export function wallClock(instant: string, zone: string): { date: string; time: string } {
  const p = zoneParts(new Date(instant), zone);
  return { date: `${p.year}-${p.month}-${p.day}`, time: `${p.hour}:${p.minute}` };
}

/** Instant of a wall clock in a zone. A time the clocks skip moves forward, a repeated one is the first. */
export function instantOf(date: string, time: string, zone: string): string {
  const target = Date.parse(`${date}T${time}:00Z`);
  const offsetAt = (at: number): number => {
    const p = zoneParts(new Date(at), zone);
    return Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:${p.second}Z`) - at;
  };
  const before = target - offsetAt(target - 86_400_000);
  const after = target - offsetAt(target + 86_400_000);
  const settled = before + offsetAt(before) !== target && after + offsetAt(after) === target ? after : before;
  return new Date(settled).toISOString().replace(".000Z", "Z");
}

export function today(zone: string, now: Date = new Date()): string {
  return wallClock(now.toISOString(), zone).date;
}

const WORDS: Record<string, number> = { 今天: 0, 明天: 1, 后天: 2, 昨天: -1, today: 0, tomorrow: 1, yesterday: -1 };

/**
 * Read what a person typed: `2026-11-21`, `2026/11/21`, `2026.11.21`, `2026年11月21日`, `20261121`, `11-21` (this year),
 * 今天, tomorrow. Null when it is not a date.
 */
export function parseDate(text: string, now: string): string | null {
  const clean = text
    .trim()
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .toLowerCase();
  const word = WORDS[clean];
  if (word !== undefined) return addDays(now, word);
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(clean);
  const long = compact ?? /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(clean);
  const short = long ? null : /^(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(clean);
  const [year, month, day] = long
    ? [long[1], long[2], long[3]]
    : short
      ? [now.slice(0, 4), short[1], short[2]]
      : [undefined, undefined, undefined];
  if (!year || !month || !day) return null;
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isDate(iso) ? iso : null;
}

/** `9`, `930`, `9:30`, `9点半`, `下午3:05` → `09:30`. Null when it is not a time. */
export function parseTime(text: string, seconds = false): string | null {
  const clean = text.trim().toLowerCase().replace("：", ":").replace("点半", ":30").replace(/点$/, ":00").replace("点", ":").replace("分", "");
  const late = /^(下午|晚上|pm)\s*/.test(clean) || /pm$/.test(clean);
  const bare = clean.replace(/^(上午|下午|晚上|早上|am|pm)\s*/, "").replace(/\s*(am|pm)$/, "");
  const found = /^(\d{1,2}):(\d{1,2})(?::(\d{2}))?$/.exec(bare) ?? /^(\d{1,2})(\d{2})$/.exec(bare) ?? /^(\d{1,2})$/.exec(bare);
  if (!found) return null;
  let hour = Number(found[1]);
  const minute = Number(found[2] ?? 0);
  if (late && hour < 12) hour += 12;
  const second = Number(found[3] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return null;
  return `${pad(hour)}:${pad(minute)}${seconds ? `:${pad(second)}` : ""}`;
}
