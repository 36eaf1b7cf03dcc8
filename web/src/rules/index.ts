/**
 * The rules of a form in the browser, at once: what is there, required, locked, to choose from, worked out and wrong.
 * The server settles every write again with the same rules; what only it can evaluate is asked for (`ask`, `answer`).
 */
import { FormRules } from "./form.ts";
import type { Rules, RulesOptions } from "./types.ts";

export type * from "./types.ts";

export function createRules(options: RulesOptions): Rules {
  return new FormRules(options);
}
