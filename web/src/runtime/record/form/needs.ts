import type { AppModel, EntityModel } from "@/api/metadata";
import { loadSheet } from "@/fields/sheet";
import { loadWidgets } from "@/fields/widgets";

/** Fetch what the form of an entity is drawn with: the controls of its fields and of its sub-tables' columns. */
export async function loadControls(app: AppModel, entity: EntityModel): Promise<void> {
  const tables = entity.fields.filter((field) => field.type === "subtable");
  const columns = tables.flatMap((field) => app.entity(String(field.options?.entity ?? ""))?.fields ?? []);
  await Promise.all([loadWidgets([...entity.fields, ...columns].map((field) => field.type)), tables.length ? loadSheet() : undefined]);
}
