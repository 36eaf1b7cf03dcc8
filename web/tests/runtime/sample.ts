import { EntityModel } from "@/api/metadata";
import type { EntityMeta, FieldMeta } from "@/api/types";
import type { FieldContext } from "@/fields/contract";

export function field(key: string, type: string, more: Partial<FieldMeta> = {}): FieldMeta {
  return { id: `fld_${key}`, key, type, label: { "zh-CN": key, en: key }, level: "write", operators: ["="], sortable: true, options: {}, ...more };
}

export function entity(fields: FieldMeta[], more: Partial<EntityMeta> = {}): EntityModel {
  return new EntityModel({
    id: "ent_account",
    key: "account",
    label: { "zh-CN": "客户", en: "Account" },
    icon: "table",
    title: "name",
    parent: null,
    actions: ["create", "read", "update", "delete"],
    fields,
    form: { items: [], related: [] },
    views: [],
    ...more,
  });
}

export const ctx: FieldContext = {
  app: "crm",
  zone: "Asia/Shanghai",
  lookup: async () => [],
  label: () => undefined,
  remember: () => undefined,
  suggest: async () => [],
  href: () => undefined,
  upload: async () => ({ id: "f", name: "f", size: 1, type: "" }),
  fileHref: () => "",
  pictureHref: () => "",
  regions: async () => [],
  fields: () => [],
};

export const answer = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
