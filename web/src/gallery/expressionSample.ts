import type { ExpressionAnswer, ExpressionFinding, ExpressionSource, FieldUse, NamedField } from "@/kit/expression/types";
import { words } from "@/kit/expression/tokens";
import { say } from "@/i18n";

import { l } from "./samples";

const stages = [
  { id: "opt_won", label: { "zh-CN": "赢单", en: "Won" }, sounds: ["yingdan", "yd"] },
  { id: "opt_lost", label: { "zh-CN": "输单", en: "Lost" }, sounds: ["shudan", "sd"] },
];

function field(key: string, zh: string, en: string, kind: string, more: Partial<NamedField> = {}): NamedField {
  return { id: `fld_${key}`, key, label: { "zh-CN": zh, en }, kind, list: false, sounds: [], system: false, ...more };
}

const DEAL = [
  field("name", "商机名称", "Name", "text", { sounds: ["shangjimingcheng", "sjmc"] }),
  field("amount", "金额", "Amount", "number", { sounds: ["jine", "je"] }),
  field("rate", "折扣", "Rate", "number", { sounds: ["zhekou", "zk"] }),
  field("stage", "阶段", "Stage", "choice", { options: stages, sounds: ["jieduan", "jd"] }),
  field("close", "预计成交", "Expected close", "date", { sounds: ["yujichengjiao", "yjcj"] }),
  field("hot", "重点", "Hot", "boolean", { sounds: ["zhongdian", "zd"] }),
  field("items", "明细", "Items", "record", { list: true, entity: "ent_item", sounds: ["mingxi", "mx"] }),
];
const ITEM = [field("price", "单价", "Price", "number"), field("qty", "数量", "Quantity", "number")];

const FUNCTIONS = [
  ["IF", "logic", "IF(condition, value, [else])", "条件成立时取前一个值，否则取后一个。", "One value if a condition holds, else another."],
  ["ROUND", "math", "ROUND(number, [digits])", "四舍五入。", "Round half away from zero."],
  ["SUM", "list", "SUM(values, ...)", "求和，空值不计。", "Add up; blanks do not count."],
  ["TODAY", "date", "TODAY()", "今天的日期。", "The date of today."],
] as const;

const TYPO: ExpressionFinding = {
  code: "X201",
  kind: "NAME",
  from: 3,
  to: 8,
  message: "",
  severity: "error",
  fixes: [{ from: 3, to: 8, text: "amount" }],
};

function usesOf(src: string): FieldUse[] {
  return words(src).flatMap((token) => {
    const found = token.kind === "name" ? [...DEAL, ...ITEM].find((one) => one.key === token.text) : undefined;
    return found ? [{ from: token.from, to: token.to, id: found.id, label: say(found.label), kind: found.kind }] : [];
  });
}

/** A source without a server, for the gallery alone: it knows its own fields and one mistake. */
export const sampleSource: ExpressionSource = {
  check({ src }) {
    const wrong = src.includes("amout");
    const findings = wrong ? [{ ...TYPO, message: l("没有名为“amout”的字段，是否想用“amount”？", 'No field "amout". Did you mean "amount"?') }] : [];
    const answer: ExpressionAnswer = {
      ok: !wrong,
      type: wrong ? null : { kind: "number", list: false, label: "" },
      findings,
      fields: usesOf(src),
      refs: {},
      deps: usesOf(src).map((use) => ({ ids: [use.id], keys: [use.id], labels: [use.label] })),
      result: wrong ? null : { value: "256000", text: "256000" },
    };
    return Promise.resolve(answer);
  },
  names: (entity) =>
    Promise.resolve({ entity: { id: entity, key: entity, label: l("商机", "Deal") }, fields: entity === "ent_item" ? ITEM : DEAL }),
  functions: () =>
    Promise.resolve({
      groups: [
        { key: "logic", label: { "zh-CN": "逻辑", en: "Logic" } },
        { key: "math", label: { "zh-CN": "数学", en: "Numbers" } },
        { key: "list", label: { "zh-CN": "列表", en: "Lists" } },
        { key: "date", label: { "zh-CN": "日期", en: "Dates" } },
      ],
      functions: FUNCTIONS.map(([name, group, signature, zh, en]) => ({
        name,
        group,
        signature,
        params: signature
          .slice(name.length + 1, -1)
          .split(", ")
          .filter((part) => part && part !== "...")
          .map((part) => ({ name: part.replace(/[[\]]/g, ""), kind: "any", optional: part.startsWith("["), words: [] })),
        repeat: signature.includes("...") ? 1 : 0,
        result: "",
        docs: { "zh-CN": zh, en },
        aliases: [],
        examples: [],
      })),
    }),
  samples: () => Promise.resolve([{ value: "rec_1", label: l("屋顶改造", "Roof") }]),
};
