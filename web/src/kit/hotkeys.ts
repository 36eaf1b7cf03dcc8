import { onBeforeUnmount, onMounted, ref, shallowReactive } from "vue";

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

/** Single-letter keys can be switched off by the person (WCAG 2.1.4); keys with Ctrl or ⌘ stay. */
export const letterKeys = ref(true);

const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);

/** How a `mod+k` style name is written on this machine's keyboard. */
export const hotkeyLabel = (name: string): string =>
  name
    .split("+")
    .map((part) => (part === "mod" ? (isMac() ? "⌘" : "Ctrl") : part.length === 1 ? part.toUpperCase() : part))
    .join(" ");

/** Whether a letter would be written: in a control, or in a cell of the big table that may be edited. */
function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.matches('[data-cell][aria-readonly="false"]');
}

function nameOf(event: KeyboardEvent): string {
  const mods = (event.ctrlKey || event.metaKey ? "mod+" : "") + (event.altKey ? "alt+" : "");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return mods + (event.shiftKey && event.key.length > 1 ? "shift+" : "") + key;
}

/** All keys that work right now with what they do, in the order they were added: the one registry behind the sheet. */
export const activeKeys = shallowReactive(new Map<string, () => string>());

/** A first letter that waits for a second one: `g` then `h`. */
let prefix = "";
let forget: ReturnType<typeof setTimeout> | undefined;
const PATIENCE = 1_200;

const mounted = new Set<Hotkeys>();
const isPrefix = (name: string): boolean => [...mounted].some((keys) => Object.keys(keys).some((key) => key.startsWith(`${name} `)));

function plainKeysOff(event: KeyboardEvent): boolean {
  return typing(event.target) || !letterKeys.value || document.querySelector("dialog[open]") !== null;
}

/** Kept once for the page, before the components hear of a key: the first letter of two is nobody else's. */
document.addEventListener(
  "keydown",
  (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat || plainKeysOff(event)) return;
    const name = nameOf(event);
    if (!prefix && isPrefix(name)) {
      prefix = name;
      event.preventDefault();
      event.stopImmediatePropagation();
      clearTimeout(forget);
      forget = setTimeout(() => (prefix = ""), PATIENCE);
      return;
    }
    if (!prefix) return;
    const both = `${prefix} ${name}`;
    prefix = "";
    clearTimeout(forget);
    const run = [...mounted].reverse().find((keys) => keys[both])?.[both];
    if (!run) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    run(event);
  },
  true,
);

/**
 * Keys that work while the component is mounted: `"/"`, `"c"`, `"mod+k"`, `"Escape"`, `"g h"` (one after the other).
 * Plain keys are off while someone types or an input method is composing, and while a dialog is open. `words` say what
 * they do, for the sheet of keys.
 */
export function useHotkeys(keys: Hotkeys, words: Record<string, () => string> = {}): void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = nameOf(event);
    const run = keys[name];
    if (!run) return;
    const plain = !name.startsWith("mod+") && !name.startsWith("alt+");
    if (plain && plainKeysOff(event)) return;
    event.preventDefault();
    run(event);
  };
  onMounted(() => {
    mounted.add(keys);
    for (const [key, say] of Object.entries(words)) activeKeys.set(key, say);
    document.addEventListener("keydown", onKey);
  });
  onBeforeUnmount(() => {
    mounted.delete(keys);
    for (const [key, say] of Object.entries(words)) if (activeKeys.get(key) === say) activeKeys.delete(key);
    document.removeEventListener("keydown", onKey);
  });
}
