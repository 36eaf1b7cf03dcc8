/** Amounts and numbers in Chinese, identity card numbers, credit codes, telephone numbers. */
import { type Decimal, ONE, abs, plain, round } from "../decimal.ts";
import { Fault, Unsupported } from "../faults.ts";
import { realDate } from "../moments.ts";
import type { Table } from "../table.ts";
import { strip, withoutSpace } from "../text.ts";

// -- numerals -------------------------------------------------------------------------------------------------------

interface Numerals {
  readonly digits: string;
  readonly units: readonly string[];
}

const CAPITAL: Numerals = { digits: "零壹贰叁肆伍陆柒捌玖", units: ["", "拾", "佰", "仟"] };
const PLAIN: Numerals = { digits: "零一二三四五六七八九", units: ["", "十", "百", "千"] };
const SPOKEN = "〇一二三四五六七八九";
const LIMIT = 10n ** 16n * ONE;

/** 0 to 9999; zeros inside are one 零, zeros at the end nothing. */
function group(number: number, { digits, units }: Numerals): string {
  let written = "";
  let gap = false;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(number / 10 ** place) % 10;
    if (digit) written += (gap && written ? digits[0]! : "") + digits[digit]! + units[place]!;
    gap = digit === 0;
  }
  return written;
}

/** A whole number below 10^16; zero is 零. */
function wholeNumeral(number: number, numerals: Numerals): string {
  for (const [size, name, leading] of [[1e8, "亿", 1e7], [1e4, "万", 1e3]] as const) {
    if (number < size) continue;
    const [high, low] = [Math.floor(number / size), number % size];
    const head = (size === 1e8 ? wholeNumeral(high, numerals) : group(high, numerals)) + name;
    if (!low) return head;
    return head + (low < leading ? numerals.digits[0]! : "") + wholeNumeral(low, numerals);
  }
  return group(number, numerals) || numerals.digits[0]!;
}

const spelled = (text: string, digits: string): string => [...text].map((digit) => digits[Number(digit)]).join("");

/** An amount in capital numerals, rounded to fen. Raises NUM from 10^16 on. */
function amount(number: Decimal, wholeJiao = false): string {
  const rounded = round(number, 2, "half");
  if (abs(rounded) >= LIMIT) throw Fault.NUM;
  const [yuan = "", cents = ""] = (plain(abs(rounded)) + ".").split(".");
  const [jiao, fen] = [Number(cents[0] ?? 0), Number(cents[1] ?? 0)];
  const sign = rounded < 0n ? "负" : "";
  let written = yuan === "0" && rounded !== 0n ? "" : `${wholeNumeral(Number(yuan), CAPITAL)}元`;
  if (!jiao && !fen) return `${sign}${written}整`;
  if (jiao) written += `${CAPITAL.digits[jiao]}角`;
  else if (written) written += CAPITAL.digits[0]!;
  if (fen) written += `${CAPITAL.digits[fen]}分`;
  else if (wholeJiao) written += "整";
  return sign + written;
}

/** A number in Chinese numerals. Raises NUM from 10^16 on. */
function numeral(number: Decimal, style = "plain"): string {
  if (abs(number) >= LIMIT) throw Fault.NUM;
  const [whole = "", decimals = ""] = plain(abs(number)).split(".");
  const sign = number < 0n ? "负" : "";
  const numerals = style === "capital" ? CAPITAL : PLAIN;
  const digits = style === "digits" ? SPOKEN : numerals.digits;
  let written = style === "digits" ? spelled(whole, digits) : wholeNumeral(Number(whole), numerals);
  if (style === "plain" && written.startsWith("一十")) written = written.slice(1);
  return sign + written + (decimals ? `点${spelled(decimals, digits)}` : "");
}

// -- codes ----------------------------------------------------------------------------------------------------------

const CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const CODE = new RegExp(`^[${CODE_LETTERS}]{2}[0-9]{6}[${CODE_LETTERS}]{10}$`);
const LONG_CARD = /^[1-9][0-9]{16}[0-9X]$/;
const SHORT_CARD = /^[1-9][0-9]{14}$/;
const CARD_CHECKS = "10X98765432";
const MOBILE = /^(?:\+?86)?1[3-9]\d{9}$/;

const cleaned = (text: string): string => strip(text).toUpperCase();

/** A unified social credit code: 18 characters, the last one checks the others. */
function creditCodeValid(text: string): boolean {
  const code = cleaned(text);
  if (!CODE.test(code)) return false;
  let total = 0;
  for (let at = 0, weight = 1; at < 17; at += 1, weight = (weight * 3) % 31) total += CODE_LETTERS.indexOf(code[at]!) * weight;
  return CODE_LETTERS[(31 - (total % 31)) % 31] === code[17];
}

interface Card {
  readonly born: number;
  readonly order: number;
}

/** What a valid number says; null for another. `short` also takes 15 digits. */
function readCard(text: string, short: boolean): Card | null {
  let number = cleaned(text);
  if (LONG_CARD.test(number)) {
    let total = 0;
    for (let at = 16, weight = 2; at >= 0; at -= 1, weight = (weight * 2) % 11) total += Number(number[at]) * weight;
    if (CARD_CHECKS[total % 11] !== number[17]) return null;
  } else if (short && SHORT_CARD.test(number)) number = `${number.slice(0, 6)}19${number.slice(6)}`;
  else return null;
  const born = realDate(Number(number.slice(6, 10)), Number(number.slice(10, 12)), Number(number.slice(12, 14)));
  return born === null ? null : { born, order: Number(number.slice(14, 17)) };
}

/** The card of a text, null for blank. Raises VALUE for a number that is not valid. */
function card(text: string): Card | null {
  if (!strip(text)) return null;
  const found = readCard(text, true);
  if (!found) throw Fault.VALUE;
  return found;
}

function sex(text: string): string {
  const found = card(text);
  return found ? (found.order % 2 ? "男" : "女") : "";
}

/** Chinese mobiles are known here, other numbering plans to the server. */
function phoneValid(text: string, kind = "any"): boolean {
  const digits = withoutSpace(text).replace(/[-()]/g, "");
  if (!digits) return false;
  if (kind !== "landline" && MOBILE.test(digits)) return true;
  throw new Unsupported("PHONEVALID: numbering plans are known to the server");
}

export const CHINESE: Table = {
  RMBCAP: { run: amount },
  CNNUM: { run: numeral },
  PHONEVALID: { run: phoneValid, blank: "text" },
  USCCVALID: { run: creditCodeValid, blank: "text" },
  IDCARDVALID: { run: (text: string, short = false) => readCard(text, short) !== null, blank: "text" },
  IDCARDBIRTHDAY: { run: (text: string) => card(text)?.born ?? null, blank: "text" },
  IDCARDSEX: { run: sex, blank: "text" },
};
