import type { Text } from "@/api/types";
import { lang, say } from "@/i18n";
import type { NamedField } from "@/kit/expression/types";

import { isRows, type TemplateName } from "./fields";

/** A text to put where the caret is; the caret then stands at `caret`, counted from its beginning. */
export interface Snippet {
  text: string;
  caret: number;
}

export type Insertion = "value" | "rows" | "condition" | "capital" | "qr";

const PICTURE = 40;
const CODE = 25;
const COLUMNS = 8;

export const snippet = (text: string): Snippet => {
  const at = text.indexOf("⌖");
  return { text: text.replace("⌖", ""), caret: at < 0 ? text.length : at };
};

/** What each insertion is offered for. */
export const FITS: Record<Insertion, (field: NamedField) => boolean> = {
  value: (field) => !isRows(field),
  rows: isRows,
  condition: (field) => !field.list,
  capital: (field) => field.kind === "number" && !field.list,
  qr: (field) => ["text", "number"].includes(field.kind) && !field.list,
};

/** A label as a template says it, in both languages where there are two. */
function said(label: Text): string {
  const texts = typeof label === "string" ? {} : label;
  const [chinese, english] = [texts["zh-CN"], texts.en];
  const quote = (text: string): string => JSON.stringify(text);
  if (chinese && english && chinese !== english) return `{{ words(${quote(chinese)}, ${quote(english)}) }}`;
  return `{{ ${quote(say(label))} }}`;
}

const value = (path: string, field: NamedField): string => (field.kind === "file" ? `{{ image(${path}, height=${PICTURE}) }}` : `{{ ${path} }}`);
const cell = (tag: string, field: NamedField, inside: string): string => `<${tag}${field.kind === "number" ? ' class="number"' : ""}>${inside}</${tag}>`;

/** A name for a row that no loop around uses. */
function rowName(taken: readonly string[]): string {
  return ["line", "row", "part", "item"].find((name) => !taken.includes(name)) ?? `line${taken.length}`;
}

/** A table over the rows of a sub-table or of linked records. */
export function table(name: TemplateName, fields: readonly NamedField[], taken: readonly string[]): Snippet {
  const row = rowName(taken);
  const shown = fields.filter((field) => !field.system && !field.list).slice(0, COLUMNS);
  const heads = shown.map((field) => cell("th", field, said(field.label))).join("");
  const cells = shown.map((field) => cell("td", field, value(`${row}.${field.key}`, field))).join("");
  return snippet(
    `<table>\n<thead><tr><th>#</th>${heads}</tr></thead>\n<tbody>\n{% for ${row} in ${name.path} %}\n<tr><td>{{ loop.index }}</td>${cells}</tr>⌖\n{% endfor %}\n</tbody>\n</table>\n`,
  );
}

/** The text for a field, by what is wanted of it. */
export function forField(what: Exclude<Insertion, "rows">, { path, field }: TemplateName): Snippet {
  if (what === "capital") return snippet(`{{ ${path}|rmbcap }}`);
  if (what === "qr") return snippet(`{{ qr(${path}, size=${CODE}) }}`);
  if (what === "value") return snippet(value(path, field));
  const option = field.options?.[0];
  const test = option ? `${path} == ${JSON.stringify(option.label && say(option.label))}` : field.kind === "boolean" ? path : `${path} is not blank`;
  return snippet(`{% if ${test} %}\n⌖\n{% endif %}\n`);
}

/** Further parts of a page, by name. */
export const PARTS: Record<string, () => Snippet> = {
  header: () => snippet('<div class="header">⌖</div>\n'),
  footer: () => snippet('<div class="footer">⌖</div>\n'),
  break: () => snippet('<div class="break"></div>\n'),
  keep: () => snippet('<div class="keep">\n⌖\n</div>\n'),
  signatures: () =>
    snippet(
      lang() === "en"
        ? '<div class="signatures">\n<p>⌖Customer<br><br><br>Date</p>\n<p>Supplier {{ company }}<br><br><br>Date</p>\n</div>\n'
        : '<div class="signatures">\n<p>⌖甲方（盖章）<br><br><br>日期</p>\n<p>乙方（盖章） {{ company }}<br><br><br>日期</p>\n</div>\n',
    ),
  words: () => snippet('{{ words("⌖中文", "English") }}'),
  today: () => snippet('{{ today()|date("%Y-%m-%d") }}'),
  printedBy: () => snippet("{{ printed_by }}"),
  company: () => snippet("{{ company }}"),
  barcode: () => snippet('{{ barcode(record.⌖, "code128") }}'),
};
