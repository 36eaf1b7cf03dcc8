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
    section: { name: t("expr.functions"), rank: 2 },
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

function options(knowledge: Knowledge, path: readonly string[], query: string): Completion[] {
  if (!path.length) return [];
  const field = named(knowledge.after(withoutOld(path.slice(0, -1))), path[path.length - 1]!);
  return (field?.options ?? [])
    .map((option) => ({ option, rank: optionMatch(query, option) }))
    .filter(({ rank }) => rank)
    .map(({ option, rank }) => ({
      label: labelOf(option),
      apply: quoted(labelOf(option)),
      type: "option",
      boost: rank,
      section: { name: t("expr.options"), rank: 0 },
    }));
}

/** `OLD.` has the fields of the record itself. */
const withoutOld = (path: string[]): string[] => (path[0] === "OLD" ? path.slice(1) : path);

const KEYWORDS = ["AND", "OR", "NOT", "IN", "TRUE", "FALSE", "NULL"];

/** What stands before the caret, and what it asks for. */
interface Place {
  source: string;
  from: number;
  query: string;
  /** Where a text literal ends that is being written. */
  to?: number;
  asks: "options" | "fields" | "anything";
  path: string[];
  explicit: boolean;
}

function placeOf(context: CompletionContext): Place | null {
  const { pos, explicit } = context;
  const source = context.state.doc.toString();
  const tokens = tokenise(source.slice(0, pos)).filter((token) => token.kind !== "space");
  const last = tokens[tokens.length - 1];
  if (last?.kind === "comment" && (last.open || last.to === pos)) return null;
  const meant = words(source.slice(0, pos));
  const inside = last && last.to === pos ? last : undefined;
  if (inside?.kind === "string") {
    if (!inside.open) return null;
    // a closing quote that was put in by itself belongs to the text
    const to = /["'”’]/.test(source[pos] ?? "") ? pos + 1 : pos;
    return { source, from: inside.from, query: inside.text, to, asks: "options", path: comparedWith(meant, meant.length - 1), explicit };
  }
  const writing = inside && ["name", "call", "keyword"].includes(inside.kind) ? inside : undefined;
  const query = writing ? source.slice(writing.from, pos) : "";
  const from = writing?.from ?? pos;
  const before = meant.length - (writing ? 1 : 0);
  if (meant[before - 1]?.kind === "dot") return { source, from, query, asks: "fields", path: withoutOld(pathBefore(meant, before - 1)), explicit };
  return { source, from, query, asks: "anything", path: comparedWith(meant, before), explicit };
}

function suggest(knowledge: Knowledge, place: Place): CompletionResult | null {
  const { source, from, query, path } = place;
  if (place.asks === "options") return result(knowledge, from, options(knowledge, path, query), place.to);
  if (place.asks === "fields") return result(knowledge, from, ranked(knowledge.after(path), query, "", t("expr.fields")));
  const compared = options(knowledge, path, query);
  if (!query) {
    if (compared.length) return result(knowledge, from, compared);
    if (!place.explicit) return null;
  }
  const called = /^\s*[(（]/.test(source.slice(from + query.length));
  return result(knowledge, from, [
    ...compared,
    ...ranked(knowledge.fields, query, wantedAt(knowledge, source, from + query.length), t("expr.fields")),
    ...knowledge.catalogue.functions
      .map((entry) => ({ entry, rank: functionMatch(query, entry) }))
      .filter(({ rank }) => rank)
      .map(({ entry, rank }) => functionOption(entry, rank, called)),
    ...[...KEYWORDS, ...knowledge.roots]
      .filter((word) => query && word.startsWith(query.toUpperCase()))
      .map((word) => ({ label: word, type: "word", boost: 0, section: { name: t("expr.words"), rank: 3 } })),
  ]);
}

async function complete(knowledge: Knowledge, context: CompletionContext): Promise<CompletionResult | null> {
  const place = placeOf(context);
  if (!place) return null;
  if (place.path.length) await knowledge.learn(place.asks === "fields" ? place.path : withoutOld(place.path.slice(0, -1)));
  return suggest(knowledge, place);
}

function ranked(fields: readonly NamedField[], query: string, wanted: string, section: string): Completion[] {
  return fields
    .map((field) => ({ field, rank: fieldMatch(query, field) }))
    .filter(({ rank }) => rank)
    .map(({ field, rank }) => fieldOption(field, rank, wanted, section));
}

/** Sorted here, because what is typed need not be part of what is shown (pinyin); the next key sorts at once. */
function result(knowledge: Knowledge, from: number, found: Completion[], to?: number): CompletionResult | null {
  if (!found.length) return null;
  const options = [...found].sort((one, other) => (other.boost ?? 0) - (one.boost ?? 0)).slice(0, MOST);
  const update = (_: CompletionResult, __: number, ___: number, context: CompletionContext): CompletionResult | null => {
    const place = placeOf(context);
    return place && place.from === from ? suggest(knowledge, place) : null;
  };
  return { from, ...(to === undefined ? {} : { to }), options, filter: false, update };
}

export const completion = (knowledge: Knowledge): Extension =>
  autocompletion({
    override: [(context) => complete(knowledge, context)],
    activateOnTyping: true,
    activateOnTypingDelay: 60,
    interactionDelay: 0,
    icons: true,
    closeOnBlur: true,
    maxRenderedOptions: MOST,
  });
