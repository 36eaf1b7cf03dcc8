import { describe, expect, it } from "vitest";
import type { RouteLocationNormalizedLoaded } from "vue-router";

import { AppModel } from "@/api/metadata";
import type { AppMeta, EntityMeta, MenuEntry } from "@/api/types";
import { leaves, menuOf } from "@/app/menu";

const entity = (key: string, parent: string | null = null): EntityMeta => ({
  id: `ent_${key}`,
  key,
  label: key,
  icon: "table",
  title: "name",
  parent,
  actions: ["read"],
  fields: [],
  form: { items: [], related: [] },
  views: [],
});
const app = (menu: MenuEntry[]): AppModel =>
  new AppModel({
    id: "app",
    key: "crm",
    name: "CRM",
    version: 1,
    menu,
    entities: [entity("account"), entity("contact", "account"), entity("lead")],
    dashboards: [{ id: "d", key: "sales", label: "销售" }],
    flows: [],
  } as AppMeta);
const at = (params: Record<string, string>, query: Record<string, string> = {}, name = "list"): RouteLocationNormalizedLoaded =>
  ({ name, params, query }) as unknown as RouteLocationNormalizedLoaded;

describe("menu", () => {
  it("without one of its own lists what the person may see, not sub-tables", () => {
    expect(menuOf(app([])).map((node) => node.id)).toEqual(["ent_account", "ent_lead", "d"]);
  });

  it("drops empty folders and opens the others", () => {
    const nodes = menuOf(
      app([
        { id: "f1", kind: "folder", label: "空", items: [] },
        { id: "f2", kind: "folder", label: "客户", items: [{ id: "m1", kind: "view", label: "客户", entity: "account" }] },
      ]),
    );
    expect(nodes.map((node) => node.id)).toEqual(["f2"]);
    expect(leaves(nodes).map((node) => node.id)).toEqual(["m1"]);
  });

  it("lights one line: by its view, else the first of its entity", () => {
    const nodes = menuOf(
      app([
        { id: "all", kind: "view", label: "全部", entity: "account", view: "viw_all" },
        { id: "mine", kind: "view", label: "我的", entity: "account", view: "viw_mine" },
        { id: "sales", kind: "dashboard", label: "看板", dashboard: "sales" },
      ]),
    );
    const lit = (route: RouteLocationNormalizedLoaded): string[] => nodes.filter((node) => node.active(route)).map((node) => node.id);
    expect(lit(at({ app: "crm", entity: "account" }))).toEqual(["all"]);
    expect(lit(at({ app: "crm", entity: "account" }, { v: "viw_mine" }))).toEqual(["mine"]);
    expect(lit(at({ app: "crm", entity: "account", id: "1" }, {}, "record"))).toEqual(["all"]);
    expect(lit(at({ app: "crm", key: "sales" }, {}, "dashboard"))).toEqual(["sales"]);
    expect(lit(at({ app: "other", entity: "account" }))).toEqual([]);
  });
});
