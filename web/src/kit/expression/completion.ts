import { autocompletion, snippetCompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";

import { t } from "@/i18n";

import { docOf, named, type Knowledge } from "./knowledge";
import { fieldMatch, fits, labelOf, optionMatch } from "./matching";
import { functionMatch, paramAt } from "./reference";
import { callAround, pathBefore, quoted, tokenise, words, written, type Token } from "./tokens";
import type { FunctionEntry, NamedField } from "./types";

const MOST = 60;

/** What the argument around a place takes. */
function wantedAt(knowledge: Knowledge, source: string, at: number): string {
  const call = callAround(source, at);
  const entry = call && knowledge.function(call.name);
  return entry ? (paramAt(entry, call.argument)?.kind ?? "") : "";
}

function info(title: string, text: string, example = ""): () => HTMLElement {
  return () => {
    const box = document.createElement("div");
    const head = document.createElement("code");
    head.textContent = title;
    const body = document.createElement("p");
    body.textContent = text;
    box.append(head, body);
    if (example) {
      const shown = document.createElement("p");
      shown.append(Object.assign(document.createElement("code"), { textContent: example }));
      box.append(shown);
    }
    return box;
  };
}

function fieldOption(field: NamedField, rank: number, wanted: string, section: string): Completion {
  const right = fits(field.kind, field.list, wanted);
  return {
    label: labelOf(field),
    detail: field.key,
    apply: written(field.key),
    type: field.entity ? "link" : "field",
    boost: rank + (right ? 2 : 0) - (field.system ? 1 : 0),
    section: { name: section, rank: 1 },
  };
}

function functionOption(entry: FunctionEntry, rank: number, called: boolean): Completion {
  const [first] = entry.examples;
  const shown: Completion = {
    label: entry.name,
    detail: docOf(entry).split(/[。.；;]/)[0]?.slice(0, 24),
    type: "function",
    boost: rank,
    info: info(entry.signature, docOf(entry), first && `${first.src} → ${first.shown}`),
    section: { name: t("kit.exprFunctions"), rank: 2 },
  };
  if (called) return { ...shown, apply: entry.name };
  return entry.params.length ? snippetCompletion(`${entry.name}(\${})`, shown) : { ...shown, apply: `${entry.name}()` };
}

/** The path a text literal is compared with: `stage` before `= "`, or before `IN ["a", "`. */
function comparedWith(tokens: readonly Token[], at: number): string[] {
  let end = at;
  while (end > 0 && (tokens[end - 1]!.kind === "comma" || tokens[end - 1]!.kind === "string")) end -= 1;
  if (tokens[end - 1]?.text === "[") {
    end -= 1;
    if (tokens[end - 1]?.text !== "IN") return [];
    end -= tokens[end - 2]?.text === "NOT" ? 2 : 1;
    return pathBefore(tokens, end);
  }
  if (end !== at || !["=", "<>", "==", "!="].includes(tokens[at - 1]?.text ?? "")) return [];
  return pathBefore(tokens, at - 1);
}

async function options(knowledge: Knowledge, tokens: readonly Token[], before: number, query: string): Promise<Completion[]> {
  const path = comparedWith(tokens, before);
  if (!path.length) return [];
  const field = named(await knowledge.after(path.slice(0, -1)), path[path.length - 1]!);
  return (field?.options ?? [])
    .map((option) => ({ option, rank: optionMatch(query, option) }))
    .filter(({ rank }) => rank)
    .map(({ option, rank }) => ({
      label: labelOf(option),
      apply: quoted(labelOf(option)),
      type: "option",
      boost: rank,
      section: { name: t("kit.exprOptions"), rank: 0 },
    }));
}

const KEYWORDS = ["AND", "OR", "NOT", "IN", "TRUE", "FALSE", "NULL"];

async function complete(knowledge: Knowledge, context: CompletionContext): Promise<CompletionResult | null> {
  const source = context.state.doc.toString();
  const tokens = tokenise(source.slice(0, context.pos)).filter((token) => token.kind !== "space");
  const last = tokens[tokens.length - 1];
  if (last?.kind === "comment" && (last.open || last.to === context.pos)) return null;
  const meant = words(source.slice(0, context.pos));
  const inside = last && last.to === context.pos ? last : undefined;
  if (inside?.kind === "string") {
    const found = await options(knowledge, meant, meant.length - 1, inside.text);
    // a closing quote that was put in by itself belongs to the text
    const closes = /["'”’]/.test(source[context.pos] ?? "");
    return found.length && inside.open ? result(inside.from, found, closes ? context.pos + 1 : context.pos) : null;
  }
  const writing = inside && ["name", "call", "keyword"].includes(inside.kind) ? inside : undefined;
  const dotted = (writing ? meant[meant.length - 2] : meant[meant.length - 1])?.kind === "dot";
  if (!writing && !dotted && !context.explicit && !comparedWith(meant, meant.length).length) return null;
  const query = writing ? source.slice(writing.from, context.pos) : "";
  const from = writing?.from ?? context.pos;
  if (dotted) {
    const path = pathBefore(meant, meant.length - (writing ? 2 : 1));
    const fields = await knowledge.after(path);
    return result(from, ranked(fields, query, "", t("kit.exprFields")));
  }
  const compared = await options(knowledge, meant, meant.length - (writing ? 1 : 0), query);
  if (compared.length && !query) return result(from, compared);
  const wanted = wantedAt(knowledge, source, context.pos);
  const found = [
    ...compared,
    ...ranked(knowledge.fields, query, wanted, t("kit.exprFields")),
    ...knowledge.catalogue.functions
      .map((entry) => ({ entry, rank: functionMatch(query, entry) }))
      .filter(({ rank }) => rank)
      .map(({ entry, rank }) => functionOption(entry, rank, /^\s*[(（]/.test(source.slice(context.pos)))),
    ...[...KEYWORDS, ...knowledge.roots]
      .filter((word) => query && word.startsWith(query.toUpperCase()))
      .map((word) => ({ label: word, type: "word", boost: 0, section: { name: t("kit.exprWords"), rank: 3 } })),
  ];
  return result(from, found);
}

function ranked(fields: readonly NamedField[], query: string, wanted: string, section: string): Completion[] {
  return fields
    .map((field) => ({ field, rank: fieldMatch(query, field) }))
    .filter(({ rank }) => rank)
    .map(({ field, rank }) => fieldOption(field, rank, wanted, section));
}

/** Sorted here, because what is typed need not be part of what is shown (pinyin). */
function result(from: number, found: Completion[], to?: number): CompletionResult | null {
  if (!found.length) return null;
  const sorted = [...found].sort((one, other) => (other.boost ?? 0) - (one.boost ?? 0)).slice(0, MOST);
  return { from, ...(to === undefined ? {} : { to }), options: sorted, filter: false };
}

export const completion = (knowledge: Knowledge): Extension =>
  autocompletion({
    override: [(context) => complete(knowledge, context)],
    activateOnTyping: true,
    activateOnTypingDelay: 60,
    icons: true,
    closeOnBlur: true,
    maxRenderedOptions: MOST,
  });
