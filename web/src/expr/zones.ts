/**
 * Time zones: what the clocks of the application zone show at an instant, and the instant of what they show.
 * A time that a change of clocks skips or repeats is the later of the two readings, as in every back end.
 */
import { Fault } from "./faults.ts";
import { DAY, FIRST_INSTANT, LAST_INSTANT, floorDiv } from "./moments.ts";

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;
/** Offsets are looked up at the edges of such stretches; where both agree, all of the stretch has that offset. */
const STRETCH = 6 * 3600;
const MOST_STRETCHES = 4000;

export interface Zone {
  /** Microseconds the clocks are ahead of UTC at an instant. */
  offset(instant: bigint): bigint;
}

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #edges = new Map<number, number>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  offset(instant: bigint): bigint {
    const seconds = Number(floorDiv(instant, 1_000_000n));
    const stretch = Math.floor(seconds / STRETCH);
    const before = this.#edge(stretch);
    const exact = before === this.#edge(stretch + 1) ? before : this.#seconds(seconds);
    return BigInt(exact) * 1_000_000n;
  }

  #edge(stretch: number): number {
    let found = this.#edges.get(stretch);
    if (found === undefined) {
      if (this.#edges.size >= MOST_STRETCHES) this.#edges.clear();
      found = this.#seconds(stretch * STRETCH);
      this.#edges.set(stretch, found);
    }
    return found;
  }

  #seconds(at: number): number {
    const [, sign, hours, minutes, seconds] = OFFSET.exec(this.#format.format(at * 1000)) ?? [];
    const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return sign === "-" ? -size : size;
  }
}

const zones = new Map<string, Zone>();

/** A time zone by its name. Raises `RangeError` for a name nobody knows. */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    zone = new NamedZone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** What the clocks show at an instant, as microseconds. Raises NUM outside the years 1 to 9999. */
export function wallOf(instant: bigint, zone: Zone): bigint {
  return inRange(instant + zone.offset(instant));
}

/** The instant at which the clocks show a time. Raises NUM outside the years 1 to 9999. */
export function instantOf(wall: bigint, zone: Zone): bigint {
  const before = zone.offset(wall - DAY);
  const after = zone.offset(wall + DAY);
  if (before === after) return inRange(wall - before);
  const [early, late] = before > after ? [wall - before, wall - after] : [wall - after, wall - before];
  if (late + zone.offset(late) === wall) return inRange(late);
  return inRange(early + zone.offset(early) === wall ? early : late);
}

function inRange(instant: bigint): bigint {
  if (instant >= FIRST_INSTANT && instant <= LAST_INSTANT) return instant;
  throw Fault.NUM;
}
