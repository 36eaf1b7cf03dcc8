/** Formatted text in the browser: its plain text, and the nodes that may be shown; the server keeps the same rules. */

const TAGS = new Set(
  "P BR STRONG B EM I U S SUB SUP MARK A UL OL LI H1 H2 H3 H4 BLOCKQUOTE CODE PRE HR IMG TABLE THEAD TBODY TR TH TD".split(" "),
);
const DROPPED = new Set("SCRIPT STYLE TEMPLATE NOSCRIPT IFRAME OBJECT SVG MATH TITLE".split(" "));
const BLOCKS = new Set("P BR LI H1 H2 H3 H4 BLOCKQUOTE PRE HR TR".split(" "));
const OWN_FILE = /^\/api\/v1\/files\/[\w-]{1,64}(\?inline=1)?$/;
const OPENS = /^(https?:|mailto:|tel:)/i;

const parsed = (html: string): HTMLElement => new DOMParser().parseFromString(html, "text/html").body;

/** What there is to read, a line for each block. */
export function plainText(html: string): string {
  const parts: string[] = [];
  const walk = (node: Node): void => {
    if (node.nodeType === Node.TEXT_NODE) parts.push(node.textContent ?? "");
    const name = node.nodeName.toUpperCase();
    if (DROPPED.has(name)) return;
    if (BLOCKS.has(name)) parts.push("\n");
    else if (name === "TD" || name === "TH") parts.push(" ");
    node.childNodes.forEach(walk);
    if (BLOCKS.has(name)) parts.push("\n");
  };
  parsed(html).childNodes.forEach(walk);
  return parts
    .join("")
    .replace(/[ \t]*\n[ \t]*(?:\n[ \t]*)*/g, "\n")
    .trim();
}

/** The nodes to show: known elements with known attributes, built anew and never as markup of somebody else. */
export function safeNodes(html: string): DocumentFragment {
  const made = document.createDocumentFragment();
  parsed(html).childNodes.forEach((node) => copy(node, made));
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
