import { shallowRef, type ShallowRef } from "vue";

import { upload, urlOf } from "@/api/client";
import type { AppModel } from "@/api/metadata";
import { findPeople } from "@/api/people";
import { lookupRecords, suggestTags } from "@/api/records";
import { session } from "@/api/session";
import type { FieldMeta, FileItem, Labels } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import { optionOf } from "@/fields/options";
import { findRegions, loadRegions, regionName } from "@/fields/regions";
import type { Option } from "@/kit/types";

import { findDepartments } from "./departments";
import { DEPARTMENTS, labelKind, mergeLabels, REGIONS } from "./labels";
import { problemText } from "./problems";

export interface PageFields {
  ctx: FieldContext;
  labels: ShallowRef<Labels>;
}

const DEFAULT_ZONE = "Asia/Shanghai";

/** What the field widgets of a page need: names of ids, pickers, links, uploads. */
export function useFieldContext(app: () => AppModel, entity: () => string): PageFields {
  const labels = shallowRef<Labels>({});

  async function lookup(field: FieldMeta, query: string, signal?: AbortSignal): Promise<Option[]> {
    if (field.type === "tags") return (await suggest(field, query, signal)).map((word) => optionOf(field, word));
    const kind = labelKind(app(), field);
    if (kind === "user") {
      const { users } = await findPeople(query, signal);
      return users.map((person) => ({ value: person.id, label: person.name, hint: person.department || undefined }));
    }
    if (kind === DEPARTMENTS) return findDepartments(query, signal);
    if (kind === REGIONS) return findRegions(query);
    if (!kind) return [];
    const { items } = await lookupRecords(app().key, kind, query, 20, signal);
    return items.map((item) => ({ value: item.id, label: item.title, hint: item.sub || undefined }));
  }

  const suggest = async (field: FieldMeta, query: string, signal?: AbortSignal): Promise<readonly string[]> =>
    (await suggestTags(app().key, entity(), field.key, query, signal)).words;

  const ctx: FieldContext = {
    get app() {
      return app().key;
    },
    get zone() {
      return session.user?.zone || DEFAULT_ZONE;
    },
    lookup,
    suggest,
    label(field, id) {
      const kind = labelKind(app(), field);
      return kind ? (labels.value[kind]?.[id] ?? (kind === REGIONS ? regionName(id) : undefined)) : undefined;
    },
    remember(field, options) {
      const kind = labelKind(app(), field);
      if (kind) labels.value = mergeLabels(labels.value, { [kind]: Object.fromEntries(options.map((option) => [option.value, option.label])) });
    },
    href(field, id) {
      const target = app().target(field);
      return target && field.type !== "user" ? { name: "record", params: { app: app().key, entity: target.key, id } } : undefined;
    },
    async upload(field, file, control): Promise<FileItem> {
      const form = new FormData();
      form.set("file", file);
      form.set("app", app().key);
      form.set("entity", entity());
      form.set("field", field.key);
      try {
        return await upload<FileItem>("/files", form, control);
      } catch (problem) {
        if (control.signal.aborted) throw problem;
        throw new Error(problemText(problem));
      }
    },
    fileHref: (file) => urlOf(`/files/${encodeURIComponent(file.id)}`),
    pictureHref: (file, size) => urlOf(`/files/${encodeURIComponent(file.id)}/thumbnail`, { size }),
    regions: loadRegions,
    fields: (name, system = false) => app().entity(name)?.fields.filter((field) => system || !field.system) ?? [],
  };
  return { ctx, labels };
}
