/** What an evaluation may look at. */
import { type Calendar, type CalendarData, readCalendar } from "./calendars.ts";
import { dateOf, parseDate, parseInstant } from "./moments.ts";
import { Fault, Unsupported } from "./faults.ts";
import type { Row, Value } from "./values.ts";
import { type Zone, wallOf, zoneOf } from "./zones.ts";

const DEFAULT_ZONE = "Asia/Shanghai";
/** Rows and items looked at while evaluating one formula for one record. */
const STEPS = 100_000;
/** Time for one formula and one record. */
const MILLISECONDS = 800;

export interface User {
  readonly id: string;
  readonly roles?: readonly string[];
  readonly departments?: readonly string[];
  /** What `USER.name` and the like give, by field id. */
  readonly fields?: Row;
}

/** The surroundings in their JSON form. `now` is the server's clock, sent along with the page. */
export interface Surroundings {
  readonly now: string;
  readonly zone?: string;
  readonly today?: string | null;
  readonly old?: Row | null;
  readonly user?: User | null;
  readonly params?: Row | null;
  readonly app?: Row | null;
  /** Calendars of working days by name; null for a name that has none. */
  readonly calendars?: Readonly<Record<string, CalendarData | null>>;
}

export class Env {
  record: Row;
  readonly old: Row;
  readonly user: User | null;
  readonly now: bigint;
  readonly zone: Zone;
  readonly params: Row;
  readonly app: Row;
  slots: Value[] = [];
  #steps = 0;
  #until = 0;
  #today: number | null;
  readonly #calendars: Readonly<Record<string, CalendarData | null>>;
  readonly #read = new Map<string, Calendar>();

  /** `record` maps field ids to values; a linked record is its id or such a mapping with its id under `sys_id`. */
  constructor(record: Row, around: Surroundings) {
    const now = parseInstant(around.now);
    if (now === null) throw new RangeError(`now: ${around.now}`);
    this.record = record;
    this.now = now;
    this.zone = zoneOf(around.zone ?? DEFAULT_ZONE);
    this.old = around.old ?? {};
    this.user = around.user ?? null;
    this.params = around.params ?? {};
    this.app = around.app ?? {};
    this.#calendars = around.calendars ?? {};
    this.#today = around.today ? parseDate(around.today) : null;
  }

  get today(): number {
    this.#today ??= dateOf(wallOf(this.now, this.zone));
    return this.#today;
  }

  /** A calendar, or null for a name that has none. Raises `Unsupported` for one that was not sent along. */
  calendar(name: string): Calendar | null {
    const data = Object.hasOwn(this.#calendars, name) ? this.#calendars[name] : undefined;
    if (data === undefined) throw new Unsupported(`calendar ${name} was not sent along`);
    if (data === null) return null;
    const found = this.#read.get(name) ?? readCalendar(data);
    this.#read.set(name, found);
    return found;
  }

  begin(slots: number): void {
    this.#steps = 0;
    if (slots) this.slots = new Array<Value>(slots).fill(null);
  }

  /** Counts rows looked at. Raises LIMIT when a formula looks at too many, or takes too long. */
  spend(steps: number): void {
    const now = performance.now();
    if (!this.#steps) this.#until = now + MILLISECONDS;
    this.#steps += steps;
    if (this.#steps > STEPS || now > this.#until) throw Fault.LIMIT;
  }
}
