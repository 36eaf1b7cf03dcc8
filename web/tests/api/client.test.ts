import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { api, forgetAnswers, pathOf, urlOf } from "@/api/client";
import { newId } from "@/api/ids";
import { ProblemError } from "@/api/problem";
import { adoptCsrf, csrfToken, ownPath } from "@/api/session";
import { queryOf, sortOf, sortText } from "@/api/records";

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const sent = (call: number) => ({ url: fetched.mock.calls[call]![0], init: fetched.mock.calls[call]![1], headers: fetched.mock.calls[call]![1].headers as Headers });

beforeEach(() => {
  fetched.mockReset();
  forgetAnswers();
  adoptCsrf("token-1");
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => vi.unstubAllGlobals());

describe("requests", () => {
  it("carry the token only when they change something, and always the language", async () => {
    fetched.mockImplementation(async () => json({}));
    await api.get("/x");
    await api.post("/x", { a: 1 });
    expect(sent(0).headers.has("X-CSRF-Token")).toBe(false);
    expect(sent(1).headers.get("X-CSRF-Token")).toBe("token-1");
    expect(sent(1).headers.get("Content-Type")).toBe("application/json");
    expect(sent(0).headers.get("Accept-Language")).toBe("zh-CN");
    expect(sent(0).init.credentials).toBe("same-origin");
    expect(sent(0).init.redirect).toBe("error");
  });

  it("send intent and revision as headers, and no body when there is none", async () => {
    fetched.mockImplementation(async () => json({}));
    await api.post("/x", undefined, { idempotencyKey: "k1", rev: 4 });
    expect(sent(0).headers.get("Idempotency-Key")).toBe("k1");
    expect(sent(0).headers.get("If-Match")).toBe('"4"');
    expect(sent(0).init.body).toBeUndefined();
  });

  it("show a remembered answer again when nothing changed, per language", async () => {
    fetched.mockImplementation(async (_url, init) =>
      (init.headers as Headers).get("If-None-Match") === '"v1"' ? new Response(null, { status: 304 }) : json({ n: 1 }, 200, { etag: '"v1"' }),
    );
    const first = await api.get("/apps/crm");
    const second = await api.get("/apps/crm");
    expect(second).toBe(first);
    document.documentElement.lang = "en";
    await api.get("/apps/crm");
    expect(sent(2).headers.has("If-None-Match")).toBe(false);
    document.documentElement.lang = "zh-CN";
  });

  it("renew an old token once and send again", async () => {
    fetched
      .mockResolvedValueOnce(json({ code: "csrf_failed", status: 403 }, 403))
      .mockResolvedValueOnce(json({ csrf: "token-2" }))
      .mockResolvedValueOnce(json({ done: true }));
    await expect(api.post("/x", {})).resolves.toEqual({ done: true });
    expect(csrfToken()).toBe("token-2");
    expect(sent(2).headers.get("X-CSRF-Token")).toBe("token-2");
  });

  it("do not loop when the token stays refused", async () => {
    fetched
      .mockResolvedValueOnce(json({ code: "csrf_failed" }, 403))
      .mockResolvedValueOnce(json({ csrf: "token-1" }));
    await expect(api.post("/x", {})).rejects.toMatchObject({ status: 403 });
    expect(fetched).toHaveBeenCalledTimes(2);
  });
});

describe("problems", () => {
  it("keep findings, conflict and trace", async () => {
    fetched.mockResolvedValue(
      json({ code: "P409", detail: "someone was faster", trace_id: "t9", findings: [{ code: "c", place: "/a", text: "x" }], conflict: { rev: 3, fields: {} } }, 409),
    );
    const problem = await api.get("/x").catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ProblemError);
    expect(problem).toMatchObject({ status: 409, stale: true, traceId: "t9", message: "someone was faster", conflict: { rev: 3 } });
  });

  it("are made of a proxy's page and of no answer at all", async () => {
    fetched.mockResolvedValueOnce(new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } }));
    await expect(api.get("/x")).rejects.toMatchObject({ status: 502 });
    fetched.mockRejectedValueOnce(new TypeError("failed"));
    await expect(api.get("/x")).rejects.toMatchObject({ offline: true });
  });

  it("leave an abort an abort", async () => {
    fetched.mockRejectedValueOnce(new DOMException("aborted", "AbortError"));
    await expect(api.get("/x")).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("addresses", () => {
  it("escape every part and leave out what is empty", () => {
    expect(pathOf("apps", "a/b", "客户")).toBe(`/apps/a%2Fb/${encodeURIComponent("客户")}`);
    expect(urlOf("/x", { a: "", b: undefined, c: 0, d: "1" })).toBe("/api/v1/x?c=0&d=1");
  });

  it("lead only into this site after a sign-in", () => {
    expect(ownPath("/app/crm?v=1")).toBe("/app/crm?v=1");
    for (const bad of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/\tx"]) {
      expect(ownPath(bad)).toBe("/app/");
    }
  });

  it("write a question as the server reads it", () => {
    expect(queryOf({ fields: ["a", "b"], filter: ["=", "a", 1], sort: [{ field: "a", dir: "desc" }], search: "", trashed: false })).toEqual({
      fields: "a,b",
      filter: '["=","a",1]',
      sort: "-a",
      search: undefined,
      limit: undefined,
      cursor: undefined,
      offset: undefined,
      count: undefined,
      trashed: undefined,
    });
    expect(sortOf(sortText([{ field: "a", dir: "desc" }, { field: "b", dir: "asc" }]))).toEqual([
      { field: "a", dir: "desc" },
      { field: "b", dir: "asc" },
    ]);
  });

  it("are told apart by ids nobody guesses", () => {
    const ids = new Set(Array.from({ length: 500 }, () => newId()));
    expect(ids.size).toBe(500);
    expect([...ids].every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
