import type { AppModel, EntityModel } from "@/api/metadata";
import { isAbort } from "@/api/problem";
import { listRecords } from "@/api/records";
import type { FieldMeta, Json, RecordPage } from "@/api/types";

import type { ActivityItem } from "../record/history";

/** How many of each kind stand in the story; all are in the tabs below. */
const LIMIT = 20;

interface Touch {
  entity: EntityModel;
  link: string;
  when: FieldMeta;
  text: FieldMeta | undefined;
}

/** Entities whose records are calls, visits, meetings: they point here, have a moment of their own and room for words. */
function kinds(app: AppModel, entity: EntityModel): Touch[] {
  return entity.meta.form.related.flatMap((item) => {
    const other = app.entity(item.entity);
    if (!other || !other.can("read") || other.meta.parent) return [];
    const own = other.fields.filter((field) => !field.system);
    const when = own.find((field) => field.type === "datetime");
    const text = own.find((field) => field.type === "textarea" || field.type === "rich_text");
    return when && text ? [{ entity: other, link: other.field(item.field)?.key ?? item.field, when, text }] : [];
  });
}

const nameOf = (page: RecordPage, id: Json | undefined): string => page.labels?.user?.[String(id ?? "")] ?? "";

/** The last calls, visits and meetings about a record, as lines of its story. */
export async function touchesOf(app: AppModel, entity: EntityModel, id: string): Promise<ActivityItem[]> {
  const pages = await Promise.all(
    kinds(app, entity).map(async ({ entity: other, link, when, text }) => {
      const title = other.field(other.titleKey);
      const fields = [title, when, text, other.field("owner"), other.field("created_by")].flatMap((field) => (field ? [field.key] : []));
      try {
        const page = await listRecords(app.key, other.key, {
          fields,
          filter: ["=", link, id],
          sort: [{ field: when.key, dir: "desc" }],
          limit: LIMIT,
        });
        return page.records.map(
          (row): ActivityItem => ({
            id: `t${other.key}-${row.id}`,
            time: String(row.values[when.key] ?? ""),
            who: nameOf(page, row.values.owner) || nameOf(page, row.values.created_by),
            kind: "touch",
            action: "touch",
            tone: "info",
            changes: [],
            touch: {
              entity: other.key,
              id: row.id,
              title: title ? String(row.values[title.key] ?? "") : "",
              text: text ? String(row.values[text.key] ?? "") : "",
              of: other.label,
            },
          }),
        );
      } catch (problem) {
        // One kind that cannot be read leaves the rest of the story whole.
        if (isAbort(problem)) throw problem;
        return [];
      }
    }),
  );
  return pages.flat().filter((item) => item.time);
}
