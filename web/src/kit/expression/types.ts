import type { Text } from "@/api/types";

import type { Option } from "../types";

/** What the editor needs to know of the world; whoever shows it passes one, so the kit asks no server by itself. */
export interface ExpressionSource {
  check(question: ExpressionQuestion, signal?: AbortSignal): Promise<ExpressionAnswer>;
  /** Fields of an entity: the record's own, or of what a link leads to. */
  names(entity: string): Promise<ExpressionNames>;
  functions(): Promise<FunctionCatalogue>;
  /** Records to try a formula on; absent where there are none. */
  samples?(entity: string, query: string, signal?: AbortSignal): Promise<readonly Option[]>;
}

export type Expected = "text" | "number" | "boolean" | "date" | "datetime" | { field: string };

export interface ExpressionQuestion {
  entity: string;
  src: string;
  expected?: Expected | null;
  roots?: readonly string[];
  refs?: Record<string, string>;
  blankAsZero?: boolean;
  /** A default value: what gives something new each time may be used. */
  making?: boolean;
  sample?: string;
}

export interface Edit {
  from: number;
  to: number;
  text: string;
}

export interface ExpressionFinding {
  code: string;
  kind: string;
  from: number;
  to: number;
  message: string;
  severity: "error" | "warning" | "hint";
  fixes: Edit[];
}

export interface ExpressionType {
  kind: string;
  list: boolean;
  label: string;
  entity?: string;
  currency?: string;
}

/** A field in the text. */
export interface FieldUse {
  from: number;
  to: number;
  id: string;
  label: string;
  kind: string;
}

export interface ExpressionResult {
  value?: unknown;
  text?: string;
  count?: number;
  items?: string[];
  error?: string;
  unavailable?: string;
}

export interface ExpressionAnswer {
  ok: boolean;
  type: ExpressionType | null;
  findings: ExpressionFinding[];
  fields: FieldUse[];
  refs: Record<string, string>;
  deps: { ids: string[]; keys: string[]; labels: string[] }[];
  volatile?: boolean;
  steps?: number;
  databases?: string[];
  result?: ExpressionResult | null;
}

export interface NamedOption {
  id: string;
  label: Text;
  sounds: string[];
}

export interface NamedField {
  id: string;
  key: string;
  label: Text;
  kind: string;
  list: boolean;
  /** Pinyin of the label, whole and as initials. */
  sounds: string[];
  system: boolean;
  options?: NamedOption[];
  entity?: string;
}

export interface ExpressionNames {
  entity: { id: string; key: string; label: Text };
  fields: NamedField[];
}

export interface FunctionParam {
  name: string;
  kind: string;
  optional: boolean;
  words: string[];
}

export interface FunctionEntry {
  name: string;
  group: string;
  signature: string;
  params: FunctionParam[];
  repeat: number;
  result: string;
  docs: Text;
  aliases: string[];
  examples: { src: string; shown: string }[];
}

export interface FunctionCatalogue {
  groups: { key: string; label: Text }[];
  functions: FunctionEntry[];
}
