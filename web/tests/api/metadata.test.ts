import { formFields } from "@/api/forms";
import { describe, expect, it } from "vitest";

import { AppModel } from "@/api/metadata";
import type { AppMeta, EntityMeta } from "@/api/types";

import { entity, field } from "../runtime/sample";

const account = entity([field("name", "text"), field("contacts", "subtable", { options: { entity: "contact" } })]).meta;
const contact: EntityMeta = {
  ...entity([field("name", "text"), field("parent", "link_one", { id: "sys_parent", system: true, options: { entity: "account" } })]).meta,
  id: "ent_contact",
  key: "contact",
  parent: "account",
  form: { items: [{ id: "s", kind: "section", width: 12, items: [{ id: "n", kind: "field", field: "name", width: 6 }] }], related: [] },
};
const meta: AppMeta = {
  id: "app_crm",
  key: "crm",
  name: "CRM",
  version: 1,
  menu: [{ id: "f", kind: "folder", label: "x", items: [{ id: "m", kind: "view", label: "Accounts", entity: "account", view: "v" }] }],
  entities: [account, contact],
  dashboards: [],
  flows: [],
};

describe("definitions", () => {
  const app = new AppModel(meta);

  it("are found by key and by id, the fields too", () => {
    expect(app.entity("ent_contact")).toBe(app.entity("contact"));
    expect(app.entity("account")?.field("fld_name")?.key).toBe("name");
    expect(app.target(account.fields[1]!)?.key).toBe("contact");
    expect(app.entity("gone")).toBeUndefined();
  });

  it("let a row of a sub-table stand on its own with the record it belongs to", () => {
    const model = app.entity("contact")!;
    expect(formFields(model.meta.form)).toEqual(["parent", "name"]);
    expect(model.field("parent")).toMatchObject({ required: true, label: account.label });
    expect(model.field("sys_parent")).toBe(model.field("parent"));
  });

  it("call a list what the menu calls it", () => {
    expect(app.listLabel(app.entity("account")!)).toBe("Accounts");
    expect(app.listLabel(app.entity("contact")!)).toEqual(contact.label);
  });
});
