import { computed, ref, type ComputedRef, type Ref, type WritableComputedRef } from "vue";

import { today } from "@/kit/dates";

import { useKept } from "../list/useKept";
import type { ViewHost } from "../list/viewKinds";
import { scaleAround, type Scale, type Zoom } from "./timeline";
import type { ViewFields } from "./useView";

/** How near a view along time looks, kept for each person and view, and around which day. */
export function useScale(
  host: ViewHost,
  fields: ViewFields,
  kind: string,
  zooms: readonly Zoom[],
  usual: Zoom,
): { zoom: WritableComputedRef<Zoom>; at: Ref<string>; scale: ComputedRef<Scale> } {
  const kept = useKept<Zoom | null>(() => `${kind}.${host.app.key}.${host.entity.key}.${host.view?.id ?? ""}`, null);
  const zoom = computed<Zoom>({
    get: () => kept.value ?? zooms.find((one) => one === fields.option<string>("zoom", usual)) ?? usual,
    set: (next) => (kept.value = next),
  });
  const at = ref(today(host.ctx.zone));
  return { zoom, at, scale: computed(() => scaleAround(zoom.value, at.value)) };
}
