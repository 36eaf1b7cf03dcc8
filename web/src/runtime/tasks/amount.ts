import type { TaskSummary } from "@/api/types";

type Fact = TaskSummary["summary"][number];

const MONEY = /^-?(?:HK|NT|US)?[¥$€£₩₹]/;

/** The fact of a task shown large: its amount. */
export function amountOf(facts: readonly Fact[]): Fact | undefined {
  return facts.find((fact) => fact.text && (fact.type ? fact.type === "currency" : MONEY.test(fact.text)));
}
