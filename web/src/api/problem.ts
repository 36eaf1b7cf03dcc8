import type { FieldClash, Finding, ProblemDocument } from "./types";

/** A refused or failed request: what the server said, in a typed form. Status 0 means it was never reached. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly traceId: string;
  readonly findings: Finding[];
  readonly conflict: { rev: number; fields: Record<string, FieldClash> } | null;

  constructor(document: ProblemDocument) {
    super(document.detail || document.title || document.code || `HTTP ${document.status}`);
    this.name = "ProblemError";
    this.status = document.status;
    this.code = document.code ?? "";
    this.title = document.title ?? "";
    this.detail = document.detail ?? "";
    this.traceId = document.trace_id ?? "";
    this.findings = document.findings ?? [];
    this.conflict = document.conflict ?? null;
  }

  get offline(): boolean {
    return this.status === 0;
  }

  get notFound(): boolean {
    return this.status === 404;
  }

  get stale(): boolean {
    return this.status === 409;
  }

  get refused(): boolean {
    return this.status === 422;
  }
}

/** True for a request the page itself gave up on (navigation, newer query): never an error to show. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Read whatever a failed response carries; a proxy's HTML page becomes a plain status problem. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("json")) {
    try {
      const body = (await response.json()) as Partial<ProblemDocument>;
      return new ProblemError({ ...body, status: response.status });
    } catch (error) {
      if (isAbort(error)) throw error;
      return new ProblemError({ status: response.status, code: "unreadable" });
    }
  }
  return new ProblemError({ status: response.status, title: response.statusText });
}
