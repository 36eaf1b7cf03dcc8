import type { Json, Text } from "@/api/types";
import type { Expected } from "@/kit/expression/types";

/** An expression as a definition keeps it. */
export interface StoredExpression {
  src: string;
  refs?: Record<string, string>;
  lang?: number;
  blank_as_zero?: boolean;
}

/** A formula of an application: where it stands, about which entity, and what its place needs. */
export interface FormulaPlace {
  /** Steps from the definition to the expression: names and positions. */
  steps: (string | number)[];
  kind: "computed" | "default" | "rule" | "range" | "step";
  entity: string;
  name: Text;
  expr: StoredExpression;
  expected: Expected | null;
  roots: string[];
}

type Tree = { [key: string]: Json };

const list = (value: Json | undefined): Tree[] => (Array.isArray(value) ? (value as Tree[]) : []);
const asText = (value: Json | undefined): Text => (value && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, string>) : String(value ?? ""));

function expressionOf(value: Json | undefined): StoredExpression | null {
  const found = value as Tree | null | undefined;
  return found && typeof found === "object" && typeof found.src === "string" ? (found as unknown as StoredExpression) : null;
}

/** Every formula of a definition that a person can edit by itself. */
export function formulasOf(app: Tree): FormulaPlace[] {
  const entities = list(app.entities);
  const keyOf = (id: Json | undefined): string => String(entities.find((entity) => entity.id === id)?.key ?? "");
  const found: FormulaPlace[] = [];
  const add = (expr: StoredExpression | null, rest: Omit<FormulaPlace, "expr">): void => void (expr && found.push({ ...rest, expr }));
  entities.forEach((entity, at) => {
    if (entity.trashed) return;
    const key = String(entity.key);
    list(entity.fields).forEach((field, number) => {
      if (field.trashed) return;
      const options = (field.options ?? {}) as Tree;
      const here = ["entities", at, "fields", number];
      const common = { entity: key, name: asText(field.label) };
      if (field.type === "formula") {
        add(expressionOf(options.expr), { ...common, kind: "computed", steps: [...here, "options", "expr"], expected: (options.result as Expected | undefined) ?? null, roots: [] });
      }
      add(expressionOf(field.default_expr), { ...common, kind: "default", steps: [...here, "default_expr"], expected: { field: String(field.key) }, roots: ["USER"] });
    });
    list(entity.rules).forEach((rule, number) =>
      add(expressionOf(rule.check), { kind: "rule", entity: key, name: asText(rule.message), steps: ["entities", at, "rules", number, "check"], expected: "boolean", roots: ["OLD", "USER"] }),
    );
  });
  list(app.roles).forEach((role, at) =>
    list(role.grants).forEach((grant, number) =>
      add(expressionOf(((grant.range ?? {}) as Tree).expr), { kind: "range", entity: keyOf(grant.entity), name: asText(role.label), steps: ["roles", at, "grants", number, "range", "expr"], expected: "boolean", roots: ["USER"] }),
    ),
  );
  list(app.flows).forEach((flow, at) =>
    list(flow.edges).forEach((edge, number) =>
      add(expressionOf(edge.when), { kind: "step", entity: keyOf(flow.entity), name: asText(flow.label), steps: ["flows", at, "edges", number, "when"], expected: "boolean", roots: ["OLD", "USER"] }),
    ),
  );
  return found;
}

/** A definition with one expression replaced; the original stays as it is. */
export function withFormula(app: Tree, place: FormulaPlace, expr: StoredExpression): Tree {
  const copy = structuredClone(app);
  let here: Json = copy;
  for (const step of place.steps.slice(0, -1)) here = (here as Tree)[step as string] as Json;
  (here as Tree)[place.steps[place.steps.length - 1] as string] = { ...expr } as unknown as Json;
  return copy;
}
