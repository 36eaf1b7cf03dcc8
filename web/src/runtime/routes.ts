import type { RouteRecordRaw } from "vue-router";

import { expressionTexts } from "@/i18n/expression";
import { linkTexts } from "@/i18n/links";
import { printTexts } from "@/i18n/prints";

/** Screens of the end user, each its own chunk. Paths are below `/app`. */
export const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("./HomePage.vue"), meta: { title: "home.title" } },
  { path: "/tasks", name: "tasks", component: () => import("./TasksPage.vue"), meta: { title: "tasks.title" } },
  { path: "/tasks/:id", name: "task", component: () => import("./TaskPage.vue"), meta: { title: "tasks.title" } },
  { path: "/notices", name: "notices", component: () => import("./NoticesPage.vue"), meta: { title: "notices.title" } },
  { path: "/settings", name: "settings", component: () => import("./SettingsPage.vue"), meta: { title: "settings.title" } },
  { path: "/import", name: "import-new", component: () => import("./ImportPage.vue"), meta: { title: "home.fromExcel" } },
  { path: "/:app", name: "app", component: () => import("./AppPage.vue"), meta: { title: "home.title" } },
  {
    path: "/:app/design",
    name: "design",
    component: () => import("./DesignPage.vue"),
    meta: { title: "design.title", design: true },
  },
  {
    path: "/:app/design/formulas",
    name: "formulas",
    component: async () => (await Promise.all([import("./FormulasPage.vue"), expressionTexts()]))[0],
    meta: { title: "design.formulas", design: true },
  },
  {
    path: "/:app/design/prints/:entity?/:print?",
    name: "prints",
    component: async () => (await Promise.all([import("./PrintsPage.vue"), expressionTexts(), printTexts()]))[0],
    meta: { title: "design.prints", design: true },
  },
  {
    path: "/:app/dashboard/:key",
    name: "dashboard",
    component: () => import("./DashboardPage.vue"),
    meta: { title: "dashboard.title" },
  },
  {
    path: "/:app/import/:entity?",
    name: "import",
    component: () => import("./ImportPage.vue"),
    meta: { title: "import.title" },
  },
  { path: "/:app/recycle-bin/:entity?", name: "bin", component: () => import("./BinPage.vue"), meta: { title: "bin.title" } },
  { path: "/:app/:entity", name: "list", component: () => import("./ListPage.vue"), meta: { title: "list.title" } },
  {
    path: "/:app/:entity/links",
    name: "links",
    component: async () => (await Promise.all([import("./LinksPage.vue"), linkTexts()]))[0],
    meta: { title: "list.links" },
  },
  {
    path: "/:app/:entity/new",
    name: "record-new",
    component: () => import("./RecordPage.vue"),
    meta: { title: "record.newTitle" },
  },
  {
    path: "/:app/:entity/:id",
    name: "record",
    component: () => import("./RecordPage.vue"),
    meta: { title: "record.title" },
  },
];
