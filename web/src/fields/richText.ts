/** Formatted text in the browser: its plain text, and the nodes that may be shown; the server keeps the same rules. */

const TAGS = new Set(
  "P BR STRONG B EM I U S SUB SUP MARK A UL OL LI H1 H2 H3 H4 BLOCKQUOTE CODE PRE HR IMG TABLE THEAD TBODY TR TH TD".split(" "),
);
const DROPPED = new Set("SCRIPT STYLE TEMPLATE NOSCRIPT IFRAME OBJECT SVG MATH TITLE".split(" "));
const BLOCKS = new Set("P BR LI H1 H2 H3 H4 BLOCKQUOTE PRE HR TR".split(" "));
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", "#39": "'", "#x27": "'", amp: "&" };
const OWN_FILE = /^\/api\/v1\/files\/[\w-]{1,64}(\?inline=1)?$/;
const OPENS = /^(https?:|mailto:|tel:)/i;

/** What there is to read, a line for each block; the markup is that of the server, cleaned and closed. */
export function plainText(html: string): string {
  return html
    .replace(/<(script|style|template|noscript|iframe|object|svg|math|title)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/<\/?([a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi, (_tag, name: string) =>
      BLOCKS.has(name.toUpperCase()) ? "\n" : /^t[dh]$/i.test(name) && !_tag.startsWith("</") ? " " : "",
    )
    .replace(/&(lt|gt|quot|nbsp|#39|#x27|amp);/g, (_all, name: string) => ENTITIES[name] ?? "")
    .replace(/[ \t]*\n[ \t]*(?:\n[ \t]*)*/g, "\n")
    .trim();
}

/** The nodes to show: known elements with known attributes, built anew and never as markup of somebody else. */
export function safeNodes(html: string): DocumentFragment {
  const made = document.createDocumentFragment();
  new DOMParser().parseFromString(html, "text/html").body.childNodes.forEach((node) => copy(node, made));
  return made;
}

function copy(node: Node, into: Node): void {
  if (node.nodeType === Node.TEXT_NODE) {
    into.appendChild(document.createTextNode(node.textContent ?? ""));
    return;
  }
  if (!(node instanceof Element) && node.nodeType !== Node.ELEMENT_NODE) return;
  const source = node as Element;
  const name = source.nodeName.toUpperCase();
  if (DROPPED.has(name)) return;
  let target: Node = into;
  if (TAGS.has(name)) {
    const element = document.createElement(name);
    dress(source, element);
    into.appendChild(element);
    target = element;
  }
  source.childNodes.forEach((child) => copy(child, target));
}

function dress(source: Element, element: HTMLElement): void {
  const href = source.getAttribute("href") ?? "";
  const src = source.getAttribute("src") ?? "";
  if (element.nodeName === "A" && OPENS.test(href)) {
    element.setAttribute("href", href);
    element.setAttribute("rel", "noopener noreferrer");
    element.setAttribute("target", "_blank");
  }
  if (element.nodeName === "IMG") {
    if (OWN_FILE.test(src)) element.setAttribute("src", src);
    element.setAttribute("alt", source.getAttribute("alt") ?? "");
  }
  for (const span of ["colspan", "rowspan", "start"]) {
    const value = source.getAttribute(span);
    if (value && /^\d{1,4}$/.test(value)) element.setAttribute(span, value);
  }
}
