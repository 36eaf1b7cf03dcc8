/** Blocks of cells on the clipboard, as spreadsheets write and read them. */

import type { CellRange, GridLines } from "./gridLines";
import type { GridColumn } from "./types";

/** Name under which a copy carries exact values besides text, for pasting within the product. */
export const EXACT = "application/x-dougong-cells+json";

const quoted = (text: string): string => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replace(/\r?\n/g, "<br>");

export const toTsv = (block: readonly (readonly string[])[]): string => block.map((line) => line.map(quoted).join("\t")).join("\r\n");

export const toHtml = (block: readonly (readonly string[])[]): string =>
  `<table>${block.map((line) => `<tr>${line.map((text) => `<td>${escaped(text)}</td>`).join("")}</tr>`).join("")}</table>`;

/**
 * Cells of a text copied from a spreadsheet: tabs between columns, quotes around what holds tabs, line ends or quotes.
 * The line end at the very end makes no further row; short rows are filled up.
 */
export function fromTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let inside = false;
  let fresh = true;
  const endCell = (): void => {
    rows.at(-1)!.push(cell);
    cell = "";
    fresh = true;
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!;
    if (inside) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else inside = false;
    } else if (sign === '"' && fresh && closes(text, at)) inside = true;
    else if (sign === "\t") endCell();
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at += 1;
      endCell();
      rows.push([]);
    } else cell += sign;
    if (sign !== "\t" && sign !== "\n" && sign !== "\r") fresh = false;
  }
  if (cell !== "" || rows.at(-1)!.length) endCell();
  if (!rows.at(-1)!.length) rows.pop();
  const width = Math.max(0, ...rows.map((row) => row.length));
  return rows.map((row) => [...row, ...Array<string>(width - row.length).fill("")]);
}

/** Whether a quote at the start of a cell has one that ends it; a text that merely begins with a quote has none. */
function closes(text: string, start: number): boolean {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at += 1;
    else return at + 1 === text.length || /[\t\r\n]/.test(text[at + 1]!);
  }
  return false;
}

/** Cells to be copied: as text, and exactly for pasting within the product. */
export interface Block {
  texts: string[][];
  exact?: { columns: string[]; cells: unknown[][] };
}

type TextOf<Row> = (row: Row, column: GridColumn<Row>) => string;

export function rowBlock<Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[], textOf: TextOf<Row>): Block {
  return { texts: [columns.map((column) => column.label), ...rows.map((row) => columns.map((column) => textOf(row, column)))] };
}

/** The cells of a rectangle, headings of groups left out; null while some of its rows are still on their way. */
export function rangeBlock<Row>(
  lines: GridLines<Row>,
  columns: readonly GridColumn<Row>[],
  box: CellRange,
  textOf: TextOf<Row>,
  exact?: (row: Row, column: GridColumn<Row>) => unknown,
): Block | null {
  const taken = columns.slice(box.left, box.right + 1);
  const rows: Row[] = [];
  for (let index = box.top; index <= box.bottom; index += 1) {
    const line = lines.at(index);
    if (line.kind === "wait") return null;
    if (line.kind === "row") rows.push(line.row);
  }
  const texts = rows.map((row) => taken.map((column) => textOf(row, column)));
  return exact ? { texts, exact: { columns: taken.map((column) => column.key), cells: rows.map((row) => taken.map((column) => exact(row, column))) } } : { texts };
}

export function putOn(clipboard: DataTransfer, block: Block): void {
  clipboard.setData("text/plain", toTsv(block.texts));
  clipboard.setData("text/html", toHtml(block.texts));
  if (block.exact) clipboard.setData(EXACT, JSON.stringify(block.exact));
}
