/** The functions the browser knows, by the names of the bound tree. */
import type { Table } from "../table.ts";
import { CHANCE } from "./chance.ts";
import { CHINESE } from "./chinese.ts";
import { DATES } from "./dates.ts";
import { LISTS } from "./lists.ts";
import { LOGIC } from "./logic.ts";
import { NUMBERS } from "./numbers.ts";
import { OPERATORS } from "./operators.ts";
import { PEOPLE } from "./people.ts";
import { STATISTICS } from "./statistics.ts";
import { TEXT } from "./text.ts";
import { WORKDAYS } from "./workdays.ts";
import { WRITING } from "./writing.ts";

export const FUNCTIONS: Table = {
  ...OPERATORS,
  ...LOGIC,
  ...NUMBERS,
  ...TEXT,
  ...WRITING,
  ...DATES,
  ...WORKDAYS,
  ...LISTS,
  ...STATISTICS,
  ...PEOPLE,
  ...CHINESE,
  ...CHANCE,
};
