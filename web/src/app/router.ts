import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

import type { Key } from "@/i18n";
import { routes as pages } from "@/runtime/routes";

declare module "vue-router" {
  interface RouteMeta {
    /** Title of the page until the page itself sets a better one (`usePage`). */
    title?: Key;
    /** Page of the 设计 mode: the shell shows the design strip. */
    design?: boolean;
  }
}

const own: RouteRecordRaw[] = [
  { path: "/gallery", name: "gallery", component: () => import("@/gallery/GalleryPage.vue"), meta: { title: "shell.gallery" } },
  { path: "/:rest(.*)*", name: "missing", component: () => import("./MissingPage.vue"), meta: { title: "shell.missing" } },
];

export const router = createRouter({
  history: createWebHistory("/app/"),
  routes: [...own, ...pages],
});
