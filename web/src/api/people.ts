import { api, pathOf } from "./client";
import { adoptMe } from "./session";
import type { Me, PersonItem, SessionRow, Text, UserSettings } from "./types";

export async function loadMe(): Promise<Me> {
  const me = await api.get<Me>("/me");
  adoptMe(me);
  return me;
}

export async function updateMe(change: { locale?: string; settings?: UserSettings; name?: string }): Promise<void> {
  await api.patch<unknown>("/me", change);
}

export const changePassword = (current: string, next: string) =>
  api.post<void>("/me/password", { current, new: next });

export const listSessions = () => api.get<{ sessions: SessionRow[] }>("/me/sessions");

export const endSession = (id: string) => api.del<void>(pathOf("me", "sessions", id));

export const findPeople = (q: string, signal?: AbortSignal) =>
  api.get<{ users: PersonItem[] }>("/users", { query: { q, limit: 20 }, signal });

export interface DepartmentItem {
  id: string;
  name: Text;
  parent: string | null;
  /** What the name sounds like, where it was asked for. */
  sounds?: string;
}

export const listDepartments = (sounds: boolean, signal?: AbortSignal) =>
  api.get<{ departments: DepartmentItem[] }>("/departments", { query: sounds ? { sounds: 1 } : {}, signal });
