import { describe, expect, it } from "vitest";

import { asked, partsOf, sent, typed } from "@/runtime/around/commentText";

describe("words of comments", () => {
  it("shows people and addresses, and leaves the rest alone", () => {
    expect(partsOf("请 @{u_1} 看 https://a.example/x?y=1。谢谢")).toEqual([
      { kind: "text", text: "请 " },
      { kind: "person", id: "u_1" },
      { kind: "text", text: " 看 " },
      { kind: "link", text: "https://a.example/x?y=1", href: "https://a.example/x?y=1" },
      { kind: "text", text: "。谢谢" },
    ]);
    expect(partsOf("<b>javascript:alert(1)</b>")).toEqual([{ kind: "text", text: "<b>javascript:alert(1)</b>" }]);
    expect(partsOf("see http://a.example/x.")).toContainEqual({ kind: "text", text: "." });
  });

  it("sends names that were picked as ids, longer names first", () => {
    const picked = new Map([
      ["王芳", "u_1"],
      ["王芳芳", "u_2"],
    ]);
    expect(sent("@王芳芳 和 @王芳 和 @李雷", picked)).toBe("@{u_2} 和 @{u_1} 和 @李雷");
    expect(typed("@{u_1} 和 @{u_9}", { u_1: "王芳" })).toBe("@王芳 和 @{u_9}");
  });

  it("asks for people behind an @, not inside a mail address", () => {
    expect(asked("请 @zha", 6)).toEqual({ start: 2, query: "zha" });
    expect(asked("请 @", 3)).toEqual({ start: 2, query: "" });
    expect(asked("mail a@b", 8)).toBeNull();
    expect(asked("@zhao min", 9)).toBeNull();
  });
});
