import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";

import { t, say } from "@/i18n";

import { loopsAt, type TemplateFields } from "./fields";

/** Where the names for a completion come from. */
export interface TemplateWords {
  fields: TemplateFields;
  entity: () => string;
}

const FILTERS = ["rmbcap", "money", "number", "percent", "date", "lines", "sum", "length", "first", "last", "join", "sort", "groupby", "default", "upper", "round"];
const FUNCTIONS = ["qr", "barcode", "image", "rmbcap", "money", "number", "percent", "date", "today", "now", "words", "range"];
const VALUES = ["company", "app_name", "printed_by", "lang"];
const STATEMENTS = ["for", "if", "elif", "else", "endif", "endfor", "set"];

const words = (names: readonly string[], type: string, detail: string): Completion[] => names.map((label) => ({ label, type, detail }));

/** The code a place stands in, from its opening to the place; nothing outside of `{{ }}` and `{% %}`. */
function codeBefore(text: string): string | null {
  const open = Math.max(text.lastIndexOf("{{"), text.lastIndexOf("{%"));
  if (open < 0) return null;
  const code = text.slice(open);
  return /\}\}|%\}/.test(code) ? null : code;
}

/** Completes fields after a record, filters after `|`, and else variables, functions and statements. */
export function templateCompletion({ fields, entity }: TemplateWords): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const before = context.state.sliceDoc(0, context.pos);
    const code = codeBefore(before);
    if (code === null) return null;
    const [whole = ""] = /[\w.]*$/.exec(code)!;
    const steps = whole.split(".");
    const typed = steps.pop()!;
    const from = context.pos - typed.length;
    const loops = loopsAt(before, context.pos);
    const variables = await fields.variables(entity(), loops);
    if (context.aborted) return null;
    if (steps.length) {
      const start = variables.get(steps[0]!);
      if (!start) return null;
      const found = await fields.after(start, steps.slice(1));
      return { from, options: found.map((field) => ({ label: field.key, detail: say(field.label), type: "field" })), validFor: /^\w*$/ };
    }
    if (!typed && !context.explicit) return null;
    if (/\|\s*\w*$/.test(code)) return { from, options: words(FILTERS, "function", t("prints.word.filter")), validFor: /^\w*$/ };
    return {
      from,
      options: [
        ...words([...variables.keys()], "word", t("prints.word.record")),
        ...words(FUNCTIONS, "function", t("prints.word.function")),
        ...words(VALUES, "word", t("prints.word.value")),
        ...(/^\{%-?\s*\w*$/.test(code) ? words(STATEMENTS, "word", t("prints.word.statement")) : []),
      ],
      validFor: /^\w*$/,
    };
  };
}
