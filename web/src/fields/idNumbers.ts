/** Kinds of papers and what their numbers look like; the server checks regions too and has the last word. */
export const PAPERS = ["resident", "uscc", "passport", "foreign_passport", "hk_macau", "taiwan", "residence", "permanent"] as const;
export type Paper = (typeof PAPERS)[number];

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const COMPANY = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** 18 characters with a date of birth and the check character of the resident card. */
function card(number: string): boolean {
  if (!/^\d{17}[\dX]$/.test(number)) return false;
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number) as [number, number, number];
  const born = new Date(Date.UTC(year, month - 1, day));
  if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day) return false;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  return "10X98765432"[sum % 11] === number[17];
}

function company(number: string): boolean {
  if (!/^[0-9A-HJ-NP-RTUWXY]{18}$/.test(number)) return false;
  let [weight, sum] = [1, 0];
  for (const one of number.slice(0, 17)) {
    sum += COMPANY.indexOf(one) * weight;
    weight = (weight * 3) % 31;
  }
  return COMPANY[(31 - (sum % 31)) % 31] === number[17];
}

const TESTS: Record<Paper, (number: string) => boolean> = {
  resident: (number) => !/^[89]/.test(number) && card(number),
  uscc: company,
  passport: (number) => /^([DEGPSHK]\d{8}|E[A-HJ-NP-Z]\d{7}|[DPS]E\d{7}|MA\d{7}|1[45]\d{7})$/.test(number),
  foreign_passport: (number) => /^(?=.*\d)[A-Z0-9]{6,12}$/.test(number),
  hk_macau: (number) => /^[HM]\d{8}(\d{2})?$/.test(number),
  taiwan: (number) => /^(\d{8}|\d{10}[A-Z]?)$/.test(number),
  residence: (number) => /^8[123]0000/.test(number) && card(number),
  permanent: (number) => /^[A-Z]{3}\d{12}$/.test(number) || (number.startsWith("9") && card(number)),
};

/** The number as it is kept: upper case, no blanks, no hyphens, narrow characters. */
export const plainNumber = (text: string): string =>
  text.normalize("NFKC").replace(/[\s\-‐-―_.·()]+/g, "").toUpperCase();

export const isPaper = (kind: string, number: string): boolean => PAPERS.some((paper) => paper === kind) && TESTS[kind as Paper](number);
