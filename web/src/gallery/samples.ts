import type { FieldMeta, FileItem, Json } from "@/api/types";
import type { FieldContext } from "@/fields";
import { lang } from "@/i18n";
import type { Option, Tone } from "@/kit/types";

/** Text of the samples: the gallery is for people who build with the kit, its words are not in the catalogues. */
export const l = (zh: string, en: string): string => (lang() === "en" ? en : zh);

const PEOPLE: readonly [string, string, string][] = [
  ["usr_1", "陈静", "Chen Jing"],
  ["usr_2", "李雷", "Li Lei"],
  ["usr_3", "王芳", "Wang Fang"],
  ["usr_4", "赵敏", "Zhao Min"],
  ["usr_5", "孙悦", "Sun Yue"],
  ["usr_6", "钱伟", "Qian Wei"],
];
const COMPANIES: readonly [string, string][] = [
  ["杭州星云科技有限公司", "Hangzhou Nebula Technology"],
  ["苏州明远精密机械有限公司", "Suzhou Mingyuan Precision"],
  ["深圳海川电子股份有限公司", "Shenzhen Haichuan Electronics"],
  ["成都泰合医药集团", "Chengdu Taihe Pharma"],
  ["北京远山文化传媒有限公司", "Beijing Yuanshan Media"],
  ["宁波东港物流有限公司", "Ningbo Donggang Logistics"],
];

export const people = (): Option[] => PEOPLE.map(([value, zh, en]) => ({ value, label: l(zh, en), hint: l("销售部", "Sales") }));
export const companies = (): Option[] => COMPANIES.map(([zh, en], index) => ({ value: `rec_${index}`, label: l(zh, en) }));

export const departments = (): Option[] => [
  { value: "dep_1", label: l("销售一部", "Sales 1"), hint: l("总部", "Head office") },
  { value: "dep_2", label: l("售前支持", "Pre-sales"), hint: l("总部", "Head office") },
];

export const stages = (): Option[] => [
  { value: "qualify", label: l("初步接触", "Qualify"), tone: "neutral" },
  { value: "need", label: l("需求确认", "Needs"), tone: "info" },
  { value: "proposal", label: l("方案报价", "Proposal"), tone: "violet" },
  { value: "negotiate", label: l("商务谈判", "Negotiation"), tone: "warn" },
  { value: "won", label: l("赢单", "Won"), tone: "ok" },
  { value: "lost", label: l("输单", "Lost"), tone: "bad" },
];

const option = ({ value, label, tone }: Option): { id: string; label: string; color: Tone } => ({
  id: value,
  label,
  color: tone ?? "neutral",
});
const tags = (): Option[] => [
  { value: "vip", label: l("重点客户", "Key account"), tone: "warn" },
  { value: "listed", label: l("上市公司", "Listed"), tone: "info" },
  { value: "export", label: l("外贸", "Export"), tone: "teal" },
  { value: "partner", label: l("渠道伙伴", "Partner"), tone: "violet" },
];

const channels = () => [
  { id: "opt_site", label: l("官网", "Website") },
  { id: "opt_fair", label: l("展会", "Trade fair") },
  { id: "opt_friend", label: l("老客户介绍", "Referral"), color: "ok" },
];
const industries = () => [
  { id: "opt_make", label: l("制造业", "Manufacturing") },
  { id: "opt_car", label: l("汽车", "Cars"), parent: "opt_make" },
  { id: "opt_chip", label: l("半导体", "Semiconductors"), parent: "opt_make" },
  { id: "opt_serve", label: l("服务业", "Services") },
  { id: "opt_hotel", label: l("酒店", "Hotels"), parent: "opt_serve" },
];
const questions = () => [
  { id: "row_speed", label: l("响应速度", "Speed of response") },
  { id: "row_quality", label: l("方案质量", "Quality of the proposal") },
];
const grades = () => [
  { id: "col_bad", label: l("不满意", "Poor"), score: 1 },
  { id: "col_fair", label: l("一般", "Fair"), score: 3 },
  { id: "col_good", label: l("满意", "Good"), score: 5 },
];

const COMPARE = ["=", "<>", "<", "<=", ">", ">=", "between", "blank", "not_blank"];
const TEXT = ["contains", "not_contains", "=", "<>", "starts_with", "ends_with", "in", "blank", "not_blank"];
const CHOICE = ["=", "<>", "in", "not_in", "blank", "not_blank"];
const PERIOD = ["=", "<>", "overlaps", "inside", "covers", "blank", "not_blank"];
const SET = ["has_any", "has_all", "has_none", "blank", "not_blank"];

function field(key: string, type: string, zh: string, en: string, more: Partial<FieldMeta> = {}): FieldMeta {
  return { id: `fld_${key}`, key, type, label: l(zh, en), level: "write", operators: [], ...more };
}

/** One field of every type. */
export const fields = (): FieldMeta[] => [
  field("name", "text", "客户名称", "Account name", { required: true, help: l("使用工商注册全称", "Registered name"), operators: TEXT, sortable: true }),
  field("note", "textarea", "备注", "Note", { operators: TEXT }),
  field("email", "email", "邮箱", "E-mail", { operators: TEXT }),
  field("phone", "phone", "电话", "Phone", { operators: TEXT }),
  field("staff", "number", "员工人数", "Employees", { options: { scale: 0, unit: l("人", "people"), min: 0 }, operators: COMPARE, sortable: true }),
  field("amount", "currency", "预计金额", "Amount", { options: { scale: 2, currency: "CNY" }, operators: COMPARE, sortable: true }),
  field("discount", "percent", "折扣", "Discount", { options: { scale: 1 }, operators: COMPARE }),
  field("close", "date", "预计成交日期", "Expected close", { operators: COMPARE, sortable: true }),
  field("visit", "datetime", "下次拜访", "Next visit", { operators: COMPARE }),
  field("hot", "switch", "高意向", "Hot", { operators: ["=", "<>"] }),
  field("stage", "select", "阶段", "Stage", { options: { options: stages().map(option) }, required: true, operators: CHOICE, sortable: true }),
  field("tags", "multi_select", "标签", "Tags", { options: { options: tags().map(option) }, operators: SET }),
  field("channel", "radio", "来源渠道", "Channel", { options: { options: channels(), columns: 2 }, operators: CHOICE, sortable: true }),
  field("services", "checkbox_group", "需要的服务", "Services", { options: { options: tags().map(option), columns: 2, max: 3 }, operators: SET }),
  field("words", "tags", "关键词", "Keywords", { options: { tags: [{ text: l("急", "Urgent"), color: "bad" }] }, operators: SET }),
  field("industry", "cascader", "行业", "Industry", { options: { options: industries() }, operators: ["under", ...CHOICE] }),
  field("survey", "matrix", "满意度", "Satisfaction", { options: { kind: "score", rows: questions(), columns: grades() }, operators: ["=", ">=", "between", ...SET] }),
  field("nps", "matrix", "推荐意愿", "Would recommend", { options: { kind: "nps", rows: questions().slice(0, 1), low: l("不会", "Not at all"), high: l("一定会", "Certainly") }, operators: ["=", ">=", "between", ...SET] }),
  field("owner", "user", "负责人", "Owner", { operators: CHOICE }),
  field("team", "users", "协作人", "Team", { operators: SET }),
  field("dept", "dept", "所属部门", "Department", { operators: ["under", ...CHOICE] }),
  field("depts", "depts", "协作部门", "Departments", { operators: ["under", ...SET] }),
  field("address", "address", "客户地址", "Address", { operators: ["under", ...TEXT] }),
  field("place", "location", "签到位置", "Check-in", { options: { manual: true, range: { lat: 30.2741, lng: 120.1551, m: 800, label: l("客户公司", "The client's office") } }, operators: ["near", "contains", "blank", "not_blank"] }),
  field("account", "link_one", "客户", "Account", { options: { entity: "ent_account" }, operators: CHOICE }),
  field("members", "link_many", "参与联系人", "Contacts involved", { options: { entity: "ent_account" }, operators: SET }),
  field("items", "subtable", "合同明细", "Items", { options: { entity: "ent_item" } }),
  field("files", "file", "附件", "Files", { options: { max_files: 5, max_size: 20_000_000, accept: [".pdf", ".docx", "image/*"] }, operators: ["blank", "not_blank"] }),
  field("photos", "image", "现场照片", "Photos", { options: { max_files: 6, max_side: 2000 }, operators: ["blank", "not_blank"] }),
  field("signed", "signature", "客户签名", "Signature", { options: { may_replace: true }, operators: ["blank", "not_blank"] }),
  field("voice", "audio", "拜访录音", "Recording", { options: { max_seconds: 300 }, operators: ["blank", "not_blank"] }),
  field("expected", "formula", "加权金额", "Weighted", { options: { result: "number", scale: 2 }, level: "read", operators: COMPARE }),
  field("number", "serial", "合同编号", "Number", { level: "read", operators: TEXT }),
  field("customer", "lookup", "客户名称（他表）", "Customer (lookup)", { options: { via: "fld_account", field: "fld_name", result: "text" }, level: "read", operators: TEXT }),
  field("hours", "rollup", "总工时", "Hours in all", { options: { via: "fld_items", fn: "sum", result: "duration" }, level: "read", operators: COMPARE }),
  field("similar", "query", "同客户的商机", "Deals of this account", { options: { from: "ent_item", columns: ["product", "qty", "price"], reads: ["account"], limit: 10 }, level: "read" }),
  field("story", "rich_text", "方案说明", "Proposal", { operators: ["contains", "not_contains", "blank", "not_blank"] }),
  field("pin", "secret", "设备密码", "Device password", { operators: ["blank", "not_blank"] }),
  field("site", "url", "官网", "Web site", { operators: TEXT }),
  field("paper", "id_number", "证件号", "ID number", { options: { kinds: ["resident", "uscc"] }, operators: TEXT }),
  field("code", "barcode", "设备码", "Device code", { operators: TEXT }),
  field("score", "rating", "满意度", "Satisfaction", { options: { half: true }, operators: COMPARE, sortable: true }),
  field("done", "progress", "完成度", "Progress", { options: { step: 5 }, operators: COMPARE, sortable: true }),
  field("effort", "duration", "工时", "Effort", { operators: COMPARE, sortable: true }),
  field("opens", "time", "营业开始", "Opens at", { operators: COMPARE, sortable: true }),
  field("term", "date_range", "服务期", "Term", { operators: PERIOD, sortable: true }),
];

export const itemFields = (): FieldMeta[] => [
  field("product", "text", "产品", "Product", { required: true }),
  field("qty", "number", "数量", "Qty", { options: { scale: 0 } }),
  field("price", "currency", "单价", "Price", { options: { scale: 2, currency: "CNY" } }),
  field("due", "date", "交付日期", "Due"),
  field("subtotal", "formula", "小计", "Subtotal", { options: { result: "number", scale: 2 }, level: "read" }),
];

/** Values as the API sends them. */
export const values = (): Record<string, Json> => ({
  name: companies()[0]!.label,
  note: l("对方希望年底前上线，预算已批。\n下次带上实施方案。", "Wants to go live this year, budget approved.\nBring the rollout plan."),
  email: "chen@nebula.example",
  phone: "0571-8888 6666",
  staff: "1280",
  amount: "600000.00",
  discount: "0.15",
  close: "2026-12-18",
  visit: "2026-11-23T01:30:00Z",
  hot: true,
  stage: "negotiate",
  tags: ["vip", "listed"],
  channel: "opt_friend",
  services: ["vip", "export"],
  words: [l("急", "Urgent"), l("换供应商", "New supplier")],
  industry: "opt_chip",
  survey: { row_speed: "col_good", row_quality: "col_fair" },
  nps: { row_speed: 9 },
  owner: "usr_1",
  team: ["usr_2", "usr_3"],
  dept: "dep_1",
  depts: ["dep_1", "dep_2"],
  address: { code: "330106", names: ["浙江省", "杭州市", "西湖区"], detail: "文三路 90 号" },
  place: { lat: 30.2755, lng: 120.1562, address: l("客户公司南门", "South gate") },
  account: "rec_0",
  members: ["rec_1", "rec_2"],
  items: [
    { id: "row_1", product: l("企业版年费", "Enterprise, one year"), qty: "50", price: "9800.00", due: "2026-12-01", subtotal: "490000.00" },
    { id: "row_2", product: l("实施服务", "Rollout"), qty: "1", price: "110000.00", due: "2026-12-20", subtotal: "110000.00" },
  ],
  files: [
    { id: "fil_1", name: l("报价单.pdf", "Quote.pdf"), size: 482_113, type: "application/pdf" },
    { id: "fil_2", name: l("现场照片.jpg", "Site photo.jpg"), size: 2_310_448, type: "image/jpeg" },
  ],
  photos: [
    { id: "fil_3", name: l("前台.jpg", "Front desk.jpg"), size: 310_448, type: "image/jpeg" },
    { id: "fil_4", name: l("机房.jpg", "Server room.jpg"), size: 280_112, type: "image/jpeg" },
  ],
  signed: [{ id: "fil_5", name: "signature.png", size: 8_112, type: "image/png" }],
  voice: [{ id: "fil_6", name: l("录音 1.webm", "Recording 1.webm"), size: 80_112, type: "audio/webm" }],
  expected: "420000.00",
  number: "HT-202611-0042",
  customer: companies()[0]!.label,
  hours: 27_000,
  story: l("<h2>建设目标</h2><p>统一<strong>客户</strong>与合同数据：</p><ul><li>年底前上线</li><li>覆盖三个事业部</li></ul>", "<h2>Goals</h2><p>One place for <strong>customers</strong> and contracts:</p><ul><li>Live this year</li><li>Three divisions</li></ul>"),
  pin: "sealed:1:c2FtcGxl",
  site: "https://nebula.example/products?lang=zh",
  paper: "11010519491231002X",
  code: "DG-2026-000318",
  score: "3.5",
  done: "0.65",
  effort: 5400,
  opens: "09:30",
  term: ["2026-12-01", "2027-11-30"],
});

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const matching = (options: Option[], query: string): Option[] => options.filter((item) => item.label.toLowerCase().includes(query.toLowerCase()));

/** A drawn picture, so that nothing is asked of a server. */
function picture(id: string): string {
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 360, 7);
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><rect width="320" height="240" fill="hsl(${hue} 45% 80%)"/><path d="M0 200 90 110l60 60 70-90 100 120v40H0z" fill="hsl(${hue} 40% 45%)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawn)}`;
}

/** Answers from the samples instead of a server. */
export const context: FieldContext = {
  app: "crm",
  zone: "Asia/Shanghai",
  async lookup(meta, query) {
    await wait(150);
    return matching(meta.type === "user" || meta.type === "users" ? people() : meta.type.startsWith("dept") ? departments() : companies(), query);
  },
  label: (meta, id) => (meta.type === "user" || meta.type === "users" ? people() : meta.type.startsWith("dept") ? departments() : companies()).find((item) => item.value === id)?.label,
  remember: () => undefined,
  href: (meta, id) => (meta.type.startsWith("link") ? { name: "gallery", query: { part: "fields", record: id } } : undefined),
  async suggest(_meta, query) {
    await wait(100);
    return [l("换供应商", "New supplier"), l("年底前", "This year"), l("需要培训", "Training")].filter((word) => word.includes(query));
  },
  async reveal() {
    await wait(150);
    return "DG-8842";
  },
  async upload(_meta, file, { onProgress }): Promise<FileItem> {
    for (let share = 0; share <= 1; share += 0.2) {
      onProgress(share);
      await wait(80);
    }
    return { id: `fil_${file.name}`, name: file.name, size: file.size, type: file.type };
  },
  fileHref: (file) => `/api/v1/files/${file.id}`,
  pictureHref: (file) => picture(file.id),
  regions: async () => [
    { id: "330000", label: "浙江省", parent: "" },
    { id: "330100", label: "杭州市", parent: "330000" },
    { id: "330106", label: "西湖区", parent: "330100" },
    { id: "330108", label: "滨江区", parent: "330100" },
    { id: "110000", label: "北京市", parent: "" },
    { id: "110100", label: "北京市", parent: "110000" },
    { id: "110108", label: "海淀区", parent: "110100" },
  ],
  fields: () => itemFields(),
  query: {
    async find() {
      await wait(150);
      const records = (values().items as { id: string; product: string; qty: string; price: string }[]).map(({ id, ...row }) => ({ id, rev: 1, values: row }));
      return { records, columns: ["product", "qty", "price"], asked: true, count: records.length, atLeast: false, next: "" };
    },
    stamp: () => "",
  },
};

export interface Deal {
  id: string;
  name: string;
  stage: string;
  owner: string;
  amount: string;
  close: string;
  hot: boolean;
  phone: string;
  account: string;
}

/** Rows for the grid, the same every time. */
export function deals(count: number): Deal[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `rec_${index}`,
    name: `${companies()[index % 6]!.label} ${l("采购项目", "project")} ${index + 1}`,
    stage: stages()[(index * 5) % 6]!.value,
    owner: PEOPLE[index % 6]![0],
    amount: `${((index * 7919) % 900_000) + 10_000}.00`,
    close: `2026-${String((index % 12) + 1).padStart(2, "0")}-${String((index % 28) + 1).padStart(2, "0")}`,
    hot: index % 3 === 0,
    phone: `138${String(10_000_000 + index * 7).slice(0, 8)}`,
    account: `rec_${index % 6}`,
  }));
}
