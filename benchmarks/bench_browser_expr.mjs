/**
 * How fast the browser's evaluator is, as ratios to code written by hand for the same answer in the same run.
 * `bench_browser_expr.py` starts it in Node and sends the five expressions, bound, and their record.
 */
import { readFileSync } from "node:fs";

import { Env, evaluator } from "../web/src/expr/index.ts";

const ROUNDS = 40;
const WINDOW_MS = 12;

const { trees, record, around } = JSON.parse(readFileSync(0, "utf8"));

// -- written by hand: scaled whole numbers, checks for blank ---------------------------------------------------------

const CENT = 100n;
const cents = (text, scale) => BigInt(text.replace(".", "")) * 10n ** BigInt(scale - (text.split(".")[1] ?? "").length);
const day = (text) => Date.parse(text) / 86_400_000;

/** A record as hand-written code keeps it. */
const byHand = (one) => ({
  ...one,
  amount: cents(one.amount, 2),
  rate: cents(one.rate, 4),
  last_contact: day(one.last_contact),
  items: one.items.map((row) => ({ price: cents(row.price, 2), qty: BigInt(row.qty) })),
});
const today = day(around.today);

const hand = {
  E1: ({ amount, rate, stage }) => {
    if (amount === null || amount <= 100_000n * CENT || stage !== "opt_won") return 0n;
    if (rate === null) return null;
    const product = amount * rate;
    return (product < 0n ? product - 5_000n : product + 5_000n) / 10_000n;
  },
  E2: ({ owner }) => (owner?.usr_department?.dep_head?.usr_name ?? null) === (around.user.fields.usr_name ?? null),
  E3: ({ items }) => {
    let total = 0n;
    for (const { price, qty } of items) if (price !== null && qty !== null) total += price * qty;
    return total;
  },
  E4: ({ last_contact: contact }) => (contact === null ? null : today - contact > 7),
  E5: ({ name, region, code }) =>
    `${[...(name ?? "")].slice(0, 3).join("").toUpperCase()}-${region ?? ""}-${code ?? ""}` || null,
};

// -- measuring ---------------------------------------------------------------------------------------------------------

const KINDS = 64;
/** Records that differ, so that no answer can be known beforehand. */
const records = Array.from({ length: KINDS }, (_, at) => ({
  ...record,
  amount: `${90_000 + at * 1_000}.${10 + at}`,
  name: `${record.name}${at}`,
  last_contact: `2024-05-${String(1 + (at % 31)).padStart(2, "0")}`,
}));
let sink;

/** Microseconds a call for one of the arguments, the best of many short windows. */
function best(run, given) {
  for (let at = 0; at < 20_000; at += 1) sink = run(given[at % KINDS]);
  let batch = 1_000;
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    for (let at = 0; at < batch; at += 1) sink = run(given[at % KINDS]);
    const took = performance.now() - started;
    least = Math.min(least, (took * 1_000) / batch);
    batch = Math.max(1_000, Math.round((batch * WINDOW_MS) / Math.max(took, 0.1)));
  }
  return least;
}

/** A record whose values were read once, as a form keeps them. */
function readOnce(one) {
  const value = (row, id, t) => evaluator({ k: "path", t, root: "", ids: [id] })(new Env(row, around)).value;
  return {
    ...one,
    amount: value(one, "amount", { number: 2 }),
    rate: value(one, "rate", { number: 4 }),
    last_contact: value(one, "last_contact", "date"),
    items: one.items.map((row) => ({ price: value(row, "price", { number: 2 }), qty: value(row, "qty", { number: 0 }) })),
  };
}

const results = {};
for (const [name, tree] of Object.entries(trees)) {
  const evaluate = evaluator(tree);
  results[name] = {
    hand: best(hand[name], records.map(byHand)),
    browser: best(evaluate, records.map((one) => new Env(readOnce(one), around))),
    sent: best(evaluate, records.map((one) => new Env(one, around))),
    build: best(evaluator, records.map(() => tree)),
  };
}
process.stdout.write(JSON.stringify({ results, last: typeof sink }));
