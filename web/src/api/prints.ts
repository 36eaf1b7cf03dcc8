import { api, downloadMade, pathOf } from "./client";
import type { Finding, Json, Text } from "./types";

/** Pages to print: those offered for records, and templates while they are written. */

export interface PrintOffer {
  id: string;
  label: Text;
  default: boolean;
}

/** A template for several records, and those of them it is for. */
export interface PrintOfferOfMany extends PrintOffer {
  ids: string[];
}

/** Records one file takes. */
export const MOST_PRINTED = 100;

export interface TemplateFinding extends Finding {
  /** Counted from 1; 0 where no line is to blame. */
  line: number;
}

export interface TemplateCheck {
  refs: Record<string, string>;
  findings: TemplateFinding[];
}

/** A printed page as a picture; sizes are millimetres. */
export interface PagePicture {
  png: string;
  width: number;
  height: number;
}

export interface TemplatePreview {
  /** Of all pages; the first of them are in `pages`. */
  count: number;
  pages: PagePicture[];
  findings: TemplateFinding[];
}

/** A template as it is being written. */
export interface WrittenTemplate {
  html: string;
  css: string;
  refs: Record<string, string>;
  page: Record<string, Json>;
}

const at = (app: string, entity: string, ...rest: string[]): string => pathOf("apps", app, entity, ...rest);

export const printsOfRecord = (app: string, entity: string, id: string) => api.get<{ templates: PrintOffer[] }>(at(app, entity, "records", id, "prints"));

export const printsOfMany = (app: string, entity: string, ids: readonly string[], signal?: AbortSignal) =>
  api.post<{ templates: PrintOfferOfMany[]; limit: number }>(at(app, entity, "prints"), { ids }, { signal });

/** One file of many records, handed to the browser. */
export const printMany = (app: string, entity: string, ids: readonly string[], template: string, lang: string, signal?: AbortSignal) =>
  downloadMade(at(app, entity, "print"), { ids, template, lang }, signal);

export const checkTemplate = (app: string, entity: string, { html, css, refs }: WrittenTemplate, signal?: AbortSignal) =>
  api.post<TemplateCheck>(at(app, entity, "print-check"), { html, css, refs }, { signal });

/** The parts of a form that has a template tried; also sent by a form of the page, for the template in a tab. */
export function trialOf(template: WrittenTemplate, record: string, lang: string): Record<string, string> {
  return { html: template.html, css: template.css, page: JSON.stringify(template.page), refs: JSON.stringify(template.refs), record, lang };
}

export function previewTemplate(app: string, entity: string, trial: Record<string, string>, signal?: AbortSignal): Promise<TemplatePreview> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...trial, format: "images" })) form.set(name, value);
  return api.post<TemplatePreview>(at(app, entity, "print-preview"), form, { signal });
}

/** The template of the page that is made from the form. */
export const defaultTemplate = (app: string, entity: string) => api.get<{ html: string }>(at(app, entity, "print-default"));
