import type { ExpressionAnswer, ExpressionNames, ExpressionQuestion, ExpressionSource, FunctionCatalogue } from "@/kit/expression/types";
import type { Option } from "@/kit/types";

import { api, pathOf } from "./client";
import { ProblemError } from "./problem";
import { lookupRecords } from "./records";

let functions: Promise<FunctionCatalogue> | undefined;

function allFunctions(): Promise<FunctionCatalogue> {
  functions ??= api.get<FunctionCatalogue>("/builder/expressions/functions").catch((problem: unknown) => {
    functions = undefined;
    throw problem;
  });
  return functions;
}

/** Names, checks and values of an application's formulas; of its draft when one is wanted. */
export function expressionSource(app: string, draft = false): ExpressionSource {
  const at = (what: string) => pathOf("builder", "apps", app, "expressions", what);
  return {
    check: ({ blankAsZero, ...question }: ExpressionQuestion, signal) =>
      api.post<ExpressionAnswer>(at("check"), { ...question, blank_as_zero: !!blankAsZero, draft }, { signal }),
    names: (entity) => api.get<ExpressionNames>(at("names"), { query: { entity, draft: draft ? 1 : undefined } }),
    functions: allFunctions,
    async samples(entity, query, signal): Promise<Option[]> {
      try {
        const { items } = await lookupRecords(app, entity, query, 20, signal);
        return items.map((item) => ({ value: item.id, label: item.title || item.id, ...(item.sub ? { hint: item.sub } : {}) }));
      } catch (problem) {
        // who may design an application need not be allowed to read its records
        if (problem instanceof ProblemError && problem.status === 403) return [];
        throw problem;
      }
    },
  };
}
