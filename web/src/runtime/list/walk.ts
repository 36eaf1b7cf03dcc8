/** Previous and next through the list a record was opened from: remembered for this tab, also over a reload. */

export interface Trail {
  app: string;
  entity: string;
  /** Address of the list, to go back to. */
  from: string;
  ids: string[];
  /** The record last opened from it. */
  opened?: string;
}

const KEY = "dougong.trail";
const LIMIT = 500;

/** Keep at most 500 ids around the one opened. */
export function around(ids: string[], id: string, limit = LIMIT): string[] {
  if (ids.length <= limit) return ids;
  const at = Math.max(0, ids.indexOf(id));
  const start = Math.min(Math.max(0, at - Math.floor(limit / 2)), ids.length - limit);
  return ids.slice(start, start + limit);
}

export function leaveTrail(trail: Trail, opened: string): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...trail, ids: around(trail.ids, opened), opened }));
}

function stored(): Trail | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Trail | null;
  } catch {
    return null;
  }
}

export interface Neighbours {
  from: string;
  previous: string | null;
  next: string | null;
  position: number;
  total: number;
}

export function neighbours(app: string, entity: string, id: string): Neighbours | null {
  const trail = stored();
  if (!trail || trail.app !== app || trail.entity !== entity) return null;
  const at = trail.ids.indexOf(id);
  if (at < 0) return null;
  return {
    from: trail.from,
    previous: trail.ids[at - 1] ?? null,
    next: trail.ids[at + 1] ?? null,
    position: at + 1,
    total: trail.ids.length,
  };
}

/** Where "back to the list" leads: the very list one came from, or the plain one. */
export function listAddress(app: string, entity: string): string {
  const trail = stored();
  return trail && trail.app === app && trail.entity === entity ? trail.from : `/${app}/${entity}`;
}

/** The record one last looked at from this list, to mark its row on coming back. */
export function lastOpened(app: string, entity: string): string | undefined {
  const trail = stored();
  return trail && trail.app === app && trail.entity === entity ? trail.opened : undefined;
}

/** The row to mark moves along while one walks from record to record. */
export function noteOpened(app: string, entity: string, id: string): void {
  const trail = stored();
  if (trail && trail.app === app && trail.entity === entity && trail.ids.includes(id)) {
    sessionStorage.setItem(KEY, JSON.stringify({ ...trail, opened: id }));
  }
}
