import { onBeforeUnmount, onMounted, ref } from "vue";

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

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function nameOf(event: KeyboardEvent): string {
  const mods = (event.ctrlKey || event.metaKey ? "mod+" : "") + (event.altKey ? "alt+" : "");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return mods + (event.shiftKey && event.key.length > 1 ? "shift+" : "") + key;
}

/**
 * Keys that work while the component is mounted: `"/"`, `"c"`, `"mod+k"`, `"Escape"`. Plain keys are off while someone
 * types or an input method is composing, and while a dialog is open.
 */
export function useHotkeys(keys: Hotkeys): void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = nameOf(event);
    const run = keys[name];
    if (!run) return;
    const plain = !name.startsWith("mod+") && !name.startsWith("alt+");
    if (plain && (typing(event.target) || !letterKeys.value || document.querySelector("dialog[open]"))) return;
    event.preventDefault();
    run(event);
  };
  onMounted(() => document.addEventListener("keydown", onKey));
  onBeforeUnmount(() => document.removeEventListener("keydown", onKey));
}
