import type { FieldMeta, Json } from "@/api/types";

const NAME = /\{([a-z][a-z0-9_]*)\}/gi;

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * An https address with the values of a record in it: `https://maps.example.com/?q={address}`. Null when the outcome is
 * no such address. A value fills a part of the address and can never change which site it leads to.
 */
export function addressOf(template: Json | undefined, field: (key: string) => FieldMeta | undefined, value: (key: string) => Json | undefined): URL | null {
  if (typeof template !== "string") return null;
  const filled = template.trim().replace(NAME, (_whole, name: string) => {
    const json = value(field(name)?.key ?? name);
    return json === null || json === undefined || typeof json === "object" ? "" : encodeURIComponent(String(json));
  });
  const fixed = parsed(template.trim().replace(NAME, ""));
  const url = parsed(filled);
  return url?.protocol === "https:" && fixed?.host === url.host && !url.username ? url : null;
}

/** Whether the install lets pages of this address be shown inside its own (`https://*.example.com` takes subdomains). */
export function frameAllowed(url: URL, allowed: readonly string[]): boolean {
  return allowed.some((origin) => {
    const [scheme, host = ""] = origin.split("://");
    if (`${scheme}:` !== url.protocol) return false;
    return host.startsWith("*.") ? url.host.endsWith(host.slice(1)) : url.host === host;
  });
}
