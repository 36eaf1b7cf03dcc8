import type { FieldMeta } from "@/api/types";

export interface Point {
  lat: number;
  lng: number;
}

export interface Range extends Point {
  m: number;
  label: string;
}

const EARTH = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two points, along the great circle. */
export function awayFrom(one: Point, other: Point): number {
  const half =
    Math.sin(radians(other.lat - one.lat) / 2) ** 2 +
    Math.cos(radians(one.lat)) * Math.cos(radians(other.lat)) * Math.sin(radians(other.lng - one.lng) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Where a location field wants people to be; null where anywhere will do. */
export function rangeOf(field: FieldMeta): Range | null {
  const raw = field.options?.range as Partial<Range> | undefined;
  if (!raw || typeof raw.lat !== "number" || typeof raw.lng !== "number" || typeof raw.m !== "number") return null;
  return { lat: raw.lat, lng: raw.lng, m: raw.m, label: raw.label || `${raw.lat}, ${raw.lng}` };
}

/** `30.2741, 120.1551` as a point; null for anything else. */
export function readPoint(text: string): Point | null {
  const found = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,，]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
  if (!found) return null;
  const [lat, lng] = [Number(found[1]), Number(found[2])];
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null;
}

/** Why there is no position: the browser gives none to pages without HTTPS, was refused, or found nothing. */
export type NoPlace = "insecure" | "missing" | "denied" | "unknown";

export function currentPlace(): Promise<Point> {
  return new Promise((resolve, reject) => {
    const refuse = (why: NoPlace): void => reject(Object.assign(new Error(why), { why }));
    if (!window.isSecureContext) return refuse("insecure");
    if (!("geolocation" in navigator)) return refuse("missing");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: Number(coords.latitude.toFixed(6)), lng: Number(coords.longitude.toFixed(6)) }),
      (error) => refuse(error.code === error.PERMISSION_DENIED ? "denied" : "unknown"),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 10_000 },
    );
  });
}
