import { describe, expect, it } from "vitest";

import { place } from "@/kit/place";

const VIEW = { width: 1000, height: 800 };
const anchor = (left: number, top: number) => ({ left, top, width: 100, height: 32 });

describe("popups", () => {
  it("go below and line up with the anchor", () => {
    expect(place(anchor(200, 100), { width: 240, height: 300 }, VIEW, "bottom", "start")).toMatchObject({ left: 200, top: 136 });
    expect(place(anchor(400, 100), { width: 240, height: 300 }, VIEW, "bottom", "end").left).toBe(260);
    expect(place(anchor(400, 100), { width: 240, height: 300 }, VIEW, "bottom", "center").left).toBe(330);
  });

  it("turn over where there is more room and stop at what there is", () => {
    expect(place(anchor(200, 700), { width: 240, height: 300 }, VIEW, "bottom", "start").top).toBe(396);
    const tall = place(anchor(200, 500), { width: 240, height: 2000 }, VIEW, "bottom", "start");
    expect(tall.maxHeight).toBe(488);
    expect(tall.top).toBe(8);
    expect(place(anchor(200, 20), { width: 240, height: 300 }, VIEW, "top", "start").top).toBe(56);
  });

  it("never leave the window", () => {
    expect(place(anchor(950, 100), { width: 240, height: 300 }, VIEW, "bottom", "start").left).toBe(752);
    expect(place(anchor(-50, 100), { width: 240, height: 300 }, VIEW, "bottom", "start").left).toBe(8);
    expect(place(anchor(10, 100), { width: 2000, height: 300 }, VIEW, "bottom", "start").left).toBe(8);
    expect(place(anchor(850, 780), { width: 100, height: 300 }, VIEW, "right", "start")).toMatchObject({ left: 746, top: 492 });
  });
});
