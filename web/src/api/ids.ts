/** Ids made in the browser. `crypto.randomUUID` is missing on plain-http LAN addresses; `getRandomValues` is not. */

export function newId(prefix = ""): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return prefix + text;
}
