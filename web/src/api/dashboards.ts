import { api, pathOf } from "./client";
import type { DashboardData, DashboardMeta, Json } from "./types";

export const getDashboard = (app: string, key: string, signal?: AbortSignal) =>
  api.get<DashboardMeta>(pathOf("apps", app, "dashboards", key), { signal });

export const dashboardData = (app: string, key: string, filters: Record<string, Json>, signal?: AbortSignal) =>
  api.post<DashboardData>(pathOf("apps", app, "dashboards", key, "data"), { filters }, { signal });
