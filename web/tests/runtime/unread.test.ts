import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";

import { useUnread } from "@/runtime/around/useUnread";

import { answer } from "./sample";

const fetcher = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const sent = (call: number): unknown => JSON.parse(String(fetcher.mock.calls[call]![1].body));

describe("what is new in a list", () => {
  beforeEach(() => vi.stubGlobal("fetch", fetcher));
  afterEach(() => {
    vi.unstubAllGlobals();
    fetcher.mockReset();
  });
  const started = () => effectScope().run(() => useUnread(() => ({ app: "crm", entity: "account" })))!;

  it("is asked for once for all rows that come into sight together", async () => {
    fetcher.mockImplementation(() => Promise.resolve(answer({ unread: ["b"], favourite: [] })));
    const unread = started();
    for (const id of ["a", "b", "c"]) unread.want(id, 1);
    await vi.waitFor(() => expect(unread.has("b")).toBe(true));
    expect(fetcher).toHaveBeenCalledTimes(1);
    expect(sent(0)).toEqual({ ids: ["a", "b", "c"] });
    unread.want("a", 1);
    unread.want("b", 2);
    await vi.waitFor(() => expect(fetcher).toHaveBeenCalledTimes(2));
    expect(sent(1)).toEqual({ ids: ["b"] });
    unread.opened("b");
    expect(unread.has("b")).toBe(false);
  });

  it("goes all at once, and comes back when that is taken back", async () => {
    fetcher.mockImplementation((path) => Promise.resolve(answer(String(path).endsWith("/read") ? { since: "2026-11-21T08:00:00.000000Z" } : { unread: ["a"], favourite: [] })));
    const unread = started();
    unread.want("a", 1);
    await vi.waitFor(() => expect(unread.has("a")).toBe(true));
    const back = await unread.all();
    expect(unread.has("a")).toBe(false);
    const before = unread.round();
    await back();
    expect(sent(2)).toEqual({ since: "2026-11-21T08:00:00.000000Z" });
    expect(unread.round()).toBe(before + 1);
    unread.want("a", 1);
    await vi.waitFor(() => expect(unread.has("a")).toBe(true));
  });

  it("is left out when it cannot be told, and asked for again", async () => {
    fetcher.mockImplementationOnce(() => Promise.reject(new TypeError("gone")));
    fetcher.mockImplementation(() => Promise.resolve(answer({ unread: ["a"], favourite: [] })));
    const unread = started();
    unread.want("a", 1);
    await vi.waitFor(() => expect(fetcher).toHaveBeenCalledTimes(1));
    await vi.waitFor(() => {
      unread.want("a", 1);
      expect(unread.has("a")).toBe(true);
    });
  });
});
