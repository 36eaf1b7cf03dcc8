import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from "vue";

import { EXTENT, PLANE, project } from "./places";

/** How much nearer a step goes. */
export const ZOOM = 1.5;

export interface Line {
  key: string;
  path: string;
  label: string;
  x: number;
  y: number;
}
export interface Plane {
  /** Units of the plane in a pixel of the screen: names and points stay as large however near one looks. */
  unit: ComputedRef<number>;
  /** The part of the plane that shows. */
  box: ComputedRef<{ x: number; y: number; width: number; height: number }>;
  graticule: ComputedRef<Line[]>;
  /** The pointer went so far that it drags and does not click. */
  far: Ref<boolean>;
  scaleBy: (by: number) => void;
  whole: () => void;
  lookAt: (x: number, y: number, nearer: number) => void;
  onDown: (event: PointerEvent) => void;
  onMove: (event: PointerEvent) => void;
  release: () => void;
  onKey: (event: KeyboardEvent) => void;
}

/** What of the plane of longitude and latitude shows, in a drawing that tells how large it is: by pointer, wheel, keys. */
export function usePlane(svg: Ref<SVGSVGElement | undefined>, phone: Ref<boolean>): Plane {
  const zoom = ref(1);
  const size = ref({ width: 1_000, height: 860 });
  const sizes = new ResizeObserver(() => svg.value && (size.value = { width: svg.value.clientWidth || 1, height: svg.value.clientHeight || 1 }));
  watch(svg, (now, old) => {
    if (old) sizes.unobserve(old);
    if (now) sizes.observe(now);
  });
  onBeforeUnmount(() => sizes.disconnect());
  const unit = computed(() => {
    const [wide, high] = [PLANE.width / size.value.width, PLANE.height / size.value.height];
    return (phone.value ? Math.max(wide, high) : Math.min(wide, high)) / zoom.value;
  });
  const centre = ref({ x: PLANE.width / 2, y: PLANE.height / 2 });
  const box = computed(() => {
    const width = PLANE.width / zoom.value;
    const height = PLANE.height / zoom.value;
    return { x: centre.value.x - width / 2, y: centre.value.y - height / 2, width, height };
  });
  const keep = (x: number, y: number): { x: number; y: number } => ({ x: Math.max(0, Math.min(PLANE.width, x)), y: Math.max(0, Math.min(PLANE.height, y)) });
  const pan = (dx: number, dy: number): void => void (centre.value = keep(centre.value.x + dx / zoom.value, centre.value.y + dy / zoom.value));
  const scaleBy = (by: number): void => void (zoom.value = Math.max(1, Math.min(40, zoom.value * by)));
  function whole(): void {
    zoom.value = 1;
    centre.value = { x: PLANE.width / 2, y: PLANE.height / 2 };
  }
  function lookAt(x: number, y: number, nearer: number): void {
    centre.value = keep(x, y);
    scaleBy(nearer);
  }
  const graticule = computed<Line[]>(() => {
    const step = zoom.value > 8 ? 1 : zoom.value > 3 ? 2 : 10;
    const lines: Line[] = [];
    for (let lng = Math.ceil(EXTENT.west / step) * step; lng <= EXTENT.east; lng += step) {
      const { x } = project(lng, EXTENT.south);
      lines.push({ key: `x${lng}`, path: `M${x} 0V${PLANE.height}`, label: `${lng}°E`, x: x + 3 * unit.value, y: Math.min(PLANE.height, box.value.y + box.value.height) - 6 * unit.value });
    }
    for (let lat = Math.ceil(EXTENT.south / step) * step; lat <= EXTENT.north; lat += step) {
      const { y } = project(EXTENT.west, lat);
      lines.push({ key: `y${lat}`, path: `M0 ${y}H${PLANE.width}`, label: `${lat}°N`, x: Math.max(0, box.value.x) + 4 * unit.value, y: y - 3 * unit.value });
    }
    return lines;
  });

  let grabbed: { x: number; y: number; id: number } | null = null;
  const far = ref(false);
  function onDown(event: PointerEvent): void {
    grabbed = { x: event.clientX, y: event.clientY, id: event.pointerId };
    far.value = false;
  }
  function onMove(event: PointerEvent): void {
    if (!grabbed || event.pointerId !== grabbed.id) return;
    const [dx, dy] = [grabbed.x - event.clientX, grabbed.y - event.clientY];
    if (!far.value && Math.hypot(dx, dy) < 5) return;
    far.value = true;
    svg.value?.setPointerCapture(event.pointerId);
    pan(dx * unit.value * zoom.value, dy * unit.value * zoom.value);
    grabbed = { ...grabbed, x: event.clientX, y: event.clientY };
  }
  const release = (): void => void (grabbed = null);
  function onKey(event: KeyboardEvent): void {
    const steps: Record<string, () => void> = {
      ArrowLeft: () => pan(-60, 0),
      ArrowRight: () => pan(60, 0),
      ArrowUp: () => pan(0, -60),
      ArrowDown: () => pan(0, 60),
      "+": () => scaleBy(ZOOM),
      "=": () => scaleBy(ZOOM),
      "-": () => scaleBy(1 / ZOOM),
      "0": whole,
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step();
  }
  return { unit, box, graticule, far, scaleBy, whole, lookAt, onDown, onMove, release, onKey };
}
