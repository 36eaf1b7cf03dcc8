import { newId } from "@/api/ids";
import type { Device } from "@/api/drafts";

const KEY = "dougong-device";

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, "微信"],
  [/DingTalk/, "钉钉"],
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

const found = (names: [RegExp, string][], agent: string): string => names.find(([pattern]) => pattern.test(agent))?.[1] ?? "";

/** Storage may be refused (private windows): then this visit is a device of its own. */
function stored(): string {
  try {
    const known = localStorage.getItem(KEY);
    if (known) return known;
    const fresh = newId();
    localStorage.setItem(KEY, fresh);
    return fresh;
  } catch (error) {
    if (error instanceof DOMException) return newId();
    throw error;
  }
}

let known: Device | null = null;

/** This browser, so that a person can tell their drafts apart. */
export function thisDevice(agent = navigator.userAgent): Device {
  known ??= { id: stored(), name: [found(BROWSERS, agent), found(SYSTEMS, agent)].filter(Boolean).join(" · ") };
  return known;
}
