import { ProblemError, isAbort, problemOf } from "./problem";
import { adoptCsrf, csrfToken, signInAgain } from "./session";
import type { Json, Me } from "./types";

export const BASE = "/api/v1";

export type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  signal?: AbortSignal;
  /** Makes a repeated send of the same intent harmless. */
  idempotencyKey?: string;
  /** Revision the change was made from; sent as `If-Match`. */
  rev?: number;
}

type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

interface Cached {
  etag: string;
  body: unknown;
}

const cache = new Map<string, Cached>();
const CACHE_LIMIT = 40;

export function pathOf(...parts: string[]): string {
  return "/" + parts.map(encodeURIComponent).join("/");
}

/** Address of a call, for links the browser follows itself (downloads). */
export function urlOf(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** Answers differ by language. */
const nameOf = (url: string): string => `${document.documentElement.lang} ${url}`;

function remember(url: string, etag: string, body: unknown): void {
  cache.delete(nameOf(url));
  cache.set(nameOf(url), { etag, body });
  const oldest = cache.keys().next();
  if (cache.size > CACHE_LIMIT && !oldest.done) cache.delete(oldest.value);
}

/** Forget remembered answers, for example after the language changed. */
export function forgetAnswers(): void {
  cache.clear();
}

async function send(method: Method, url: string, body: BodyInit | undefined, options: RequestOptions): Promise<Response> {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": document.documentElement.lang || "zh-CN" });
  if (typeof body === "string") headers.set("Content-Type", "application/json");
  if (method !== "GET") headers.set("X-CSRF-Token", csrfToken());
  if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
  if (options.rev !== undefined) headers.set("If-Match", `"${options.rev}"`);
  const known = method === "GET" ? cache.get(nameOf(url)) : undefined;
  if (known) headers.set("If-None-Match", known.etag);
  try {
    return await fetch(url, { method, headers, body, signal: options.signal, credentials: "same-origin", redirect: "error" });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ProblemError({ status: 0, code: "offline" });
  }
}

/** The token may be older than the session (signed in again in another tab): fetch the current one, once. */
async function renewToken(): Promise<boolean> {
  const before = csrfToken();
  const response = await send("GET", urlOf("/me"), undefined, {});
  if (!response.ok) return false;
  const me = (await response.json()) as Me;
  adoptCsrf(me.csrf);
  return me.csrf !== before;
}

function isTokenProblem(problem: ProblemError): boolean {
  return (problem.status === 403 || problem.status === 400) && /csrf/i.test(problem.code);
}

async function read<T>(method: Method, url: string, response: Response): Promise<T> {
  if (response.status === 304) {
    const known = cache.get(nameOf(url));
    if (known) return known.body as T;
  }
  if (response.status === 204 || response.headers.get("content-length") === "0") return undefined as T;
  const body = (await response.json()) as T;
  const etag = response.headers.get("etag");
  if (method === "GET" && etag) remember(url, etag, body);
  return body;
}

/** Send, once more when only the token was old. Everything but a good answer is thrown. */
async function answered(method: Method, url: string, body: unknown, options: RequestOptions): Promise<Response> {
  const payload = body === undefined ? undefined : body instanceof FormData ? body : JSON.stringify(body);
  let response = await send(method, url, payload, options);
  if (response.ok || response.status === 304) return response;
  let problem = await problemOf(response);
  if (isTokenProblem(problem) && (await renewToken())) {
    response = await send(method, url, payload, options);
    if (response.ok) return response;
    problem = await problemOf(response);
  }
  if (problem.status === 401) signInAgain();
  throw problem;
}

async function request<T>(method: Method, path: string, body: unknown, options: RequestOptions): Promise<T> {
  const url = urlOf(path, options.query);
  return read<T>(method, url, await answered(method, url, body, options));
}

/** The one way to the server. Every failure is a `ProblemError`, except an abort, which stays an `AbortError`. */
export const api = {
  get: <T>(path: string, options: RequestOptions = {}) => request<T>("GET", path, undefined, options),
  /** Without a body nothing is sent but the intent. */
  post: <T>(path: string, body?: unknown, options: RequestOptions = {}) => request<T>("POST", path, body, options),
  patch: <T>(path: string, body: unknown, options: RequestOptions = {}) => request<T>("PATCH", path, body, options),
  put: <T>(path: string, body: unknown, options: RequestOptions = {}) => request<T>("PUT", path, body, options),
  del: <T>(path: string, options: RequestOptions = {}) => request<T>("DELETE", path, undefined, options),
};

export interface UploadOptions {
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/** Upload with progress: `fetch` cannot report how much was sent. */
export function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", urlOf(path));
    call.responseType = "text";
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("Accept-Language", document.documentElement.lang || "zh-CN");
    call.setRequestHeader("X-CSRF-Token", csrfToken());
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    };
    call.onerror = () => reject(new ProblemError({ status: 0, code: "offline" }));
    call.onabort = () => reject(new DOMException("aborted", "AbortError"));
    call.onload = () => {
      if (call.status === 401) signInAgain();
      let body: Json = null;
      try {
        body = JSON.parse(call.responseText || "null") as Json;
      } catch {
        reject(new ProblemError({ status: call.status, code: "unreadable" }));
        return;
      }
      if (call.status >= 200 && call.status < 300) resolve(body as T);
      else reject(new ProblemError({ ...(body as object), status: call.status }));
    };
    options.signal?.addEventListener("abort", () => call.abort(), { once: true });
    call.send(form);
  });
}

/** Ask the browser to save an address as a file, without leaving the page. */
export function saveAs(url: string, name = ""): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.rel = "noopener";
  document.body.append(link);
  link.click();
  link.remove();
}

function fileNameOf(response: Response): string {
  const header = response.headers.get("content-disposition") ?? "";
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  return encoded ? decodeURIComponent(encoded) : (/filename="?([^";]+)"?/i.exec(header)?.[1] ?? "");
}

/** Fetch a file and hand it to the browser; a refusal becomes a `ProblemError` instead of a saved error page. */
export async function download(url: string, signal?: AbortSignal): Promise<void> {
  await handOver(await answered("GET", url, undefined, { signal }));
}

/** As `download`, of a file that is made from what is sent. */
export async function downloadMade(path: string, body: unknown, signal?: AbortSignal): Promise<void> {
  await handOver(await answered("POST", urlOf(path), body, { signal }));
}

async function handOver(response: Response): Promise<void> {
  const address = URL.createObjectURL(await response.blob());
  saveAs(address, fileNameOf(response));
  // The download has its own hold on the data once it began.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
