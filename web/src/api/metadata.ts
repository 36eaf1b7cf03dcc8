import { shallowReactive } from "vue";

import { lang } from "@/i18n/lang";

import { api, pathOf } from "./client";
import { formFields, withFirst } from "./forms";
import type { Action, AppMeta, EntityMeta, FieldMeta, MenuEntry, Text } from "./types";
import { viewOf } from "./views";

/** A field with its answers ready; the fields a person may not see are simply not there. */
export class EntityModel {
  readonly meta: EntityMeta;
  private readonly byKey: Map<string, FieldMeta>;

  constructor(meta: EntityMeta) {
    this.meta = { ...meta, views: (meta.views ?? []).map(viewOf) };
    this.byKey = new Map();
    for (const field of meta.fields) {
      this.byKey.set(field.key, field);
      this.byKey.set(field.id, field);
    }
  }

  get key(): string {
    return this.meta.key;
  }

  get label(): Text {
    return this.meta.label;
  }

  get fields(): FieldMeta[] {
    return this.meta.fields;
  }

  /** By key or id. */
  field(key: string): FieldMeta | undefined {
    return this.byKey.get(key);
  }

  /** Key of the field that names a record, when this person may read it. */
  get titleKey(): string {
    return this.field(this.meta.title)?.key ?? "";
  }

  can(action: Action): boolean {
    return this.meta.actions.includes(action);
  }

  sortable(key: string): boolean {
    return this.field(key)?.sortable ?? false;
  }
}

const PARENT = "parent";

function menuLabel(items: readonly MenuEntry[], entity: string): Text | undefined {
  for (const item of items) {
    const found = item.kind === "folder" ? menuLabel(item.items ?? [], entity) : item.entity === entity ? item.label : undefined;
    if (found) return found;
  }
  return undefined;
}

/**
 * A row of a sub-table may also stand on its own: then its form begins with the record it belongs to, under that
 * record's name, and cannot be saved without.
 */
function withParent(entity: EntityMeta, parent: EntityMeta | undefined): EntityMeta {
  const field = entity.fields.find((item) => item.key === PARENT);
  if (!parent || !field) return entity;
  const own: FieldMeta = { ...field, label: parent.label, required: true };
  const placed = formFields(entity.form).includes(PARENT);
  return {
    ...entity,
    fields: entity.fields.map((item) => (item === field ? own : item)),
    form: placed ? entity.form : { ...entity.form, items: withFirst(entity.form.items, { id: PARENT, kind: "field", field: PARENT, width: 12 }) },
  };
}

export class AppModel {
  readonly meta: AppMeta;
  private readonly byKey: Map<string, EntityModel>;

  constructor(meta: AppMeta) {
    this.meta = meta;
    this.byKey = new Map();
    const byName = new Map(meta.entities.map((entity) => [entity.key, entity]));
    for (const entity of meta.entities) {
      const model = new EntityModel(entity.parent ? withParent(entity, byName.get(entity.parent)) : entity);
      this.byKey.set(entity.key, model);
      this.byKey.set(entity.id, model);
    }
  }

  get key(): string {
    return this.meta.key;
  }

  get entities(): EntityModel[] {
    return this.meta.entities.map((entity) => this.byKey.get(entity.key) as EntityModel);
  }

  /** By key or id. */
  entity(key: string): EntityModel | undefined {
    return this.byKey.get(key);
  }

  /** Entity a relation or sub-table field points to. */
  target(field: FieldMeta): EntityModel | undefined {
    const id = field.options?.entity;
    return typeof id === "string" ? this.entity(id) : undefined;
  }

  /** Name of a list: what the menu calls it (客户, Accounts), else the name of one record. */
  listLabel(entity: EntityModel): Text {
    return menuLabel(this.meta.menu, entity.key) ?? entity.label;
  }
}

const models = shallowReactive(new Map<string, AppModel>());
const pending = new Map<string, Promise<AppModel>>();
const asked = new Map<string, number>();
const FRESH_MS = 60_000;

const slot = (key: string): string => `${lang()} ${key}`;

function fetchApp(key: string): Promise<AppModel> {
  const place = slot(key);
  const running = pending.get(place);
  if (running) return running;
  asked.set(place, Date.now());
  const call = api
    .get<AppMeta>(pathOf("apps", key))
    .then((meta) => {
      const current = models.get(place);
      if (current?.meta === meta) return current;
      const model = new AppModel(meta);
      models.set(place, model);
      return model;
    })
    .finally(() => pending.delete(place));
  pending.set(place, call);
  return call;
}

/**
 * Definitions of an application in the language of the page. Asked for once; what is older than a minute is shown at
 * once and revalidated behind it (a publish by someone else arrives with the next page one opens).
 */
export async function loadApp(key: string, refresh = false): Promise<AppModel> {
  const known = models.get(slot(key));
  if (!known || refresh) return fetchApp(key);
  if (Date.now() - (asked.get(slot(key)) ?? 0) > FRESH_MS) void fetchApp(key).catch(() => asked.delete(slot(key)));
  return known;
}

/** What is already loaded, reactive: the shell's menu and the pages read the same object. */
export function knownApp(key: string): AppModel | undefined {
  return models.get(slot(key));
}

export function forgetApps(): void {
  models.clear();
  asked.clear();
}
