/** Provinces and greater regions of China with a point in each: enough to place what has no coordinates of its own. */

export interface KnownPlace {
  /** First two digits of the code of GB/T 2260; regions have none. */
  code: string;
  zh: string;
  en: string;
  lng: number;
  lat: number;
}

const rows: readonly [string, string, string, number, number][] = [
  ["11", "北京", "Beijing", 116.4, 40.2],
  ["12", "天津", "Tianjin", 117.3, 39.2],
  ["13", "河北", "Hebei", 115.1, 38.3],
  ["14", "山西", "Shanxi", 112.3, 37.6],
  ["15", "内蒙古", "Inner Mongolia", 112.8, 43.2],
  ["21", "辽宁", "Liaoning", 122.7, 41.3],
  ["22", "吉林", "Jilin", 126.3, 43.5],
  ["23", "黑龙江", "Heilongjiang", 128, 47.5],
  ["31", "上海", "Shanghai", 121.5, 31.2],
  ["32", "江苏", "Jiangsu", 119.6, 33.1],
  ["33", "浙江", "Zhejiang", 120.1, 29.2],
  ["34", "安徽", "Anhui", 117.2, 31.9],
  ["35", "福建", "Fujian", 118, 26.1],
  ["36", "江西", "Jiangxi", 115.7, 27.6],
  ["37", "山东", "Shandong", 118.3, 36.3],
  ["41", "河南", "Henan", 113.6, 33.9],
  ["42", "湖北", "Hubei", 112.4, 31],
  ["43", "湖南", "Hunan", 111.7, 27.6],
  ["44", "广东", "Guangdong", 113.4, 23.3],
  ["45", "广西", "Guangxi", 108.5, 23.8],
  ["46", "海南", "Hainan", 109.8, 19.2],
  ["50", "重庆", "Chongqing", 107.8, 30],
  ["51", "四川", "Sichuan", 102.9, 30.6],
  ["52", "贵州", "Guizhou", 106.9, 26.8],
  ["53", "云南", "Yunnan", 101.5, 25],
  ["54", "西藏", "Tibet", 88.4, 31.5],
  ["61", "陕西", "Shaanxi", 108.9, 35.2],
  ["62", "甘肃", "Gansu", 102.5, 37.2],
  ["63", "青海", "Qinghai", 96.2, 35.7],
  ["64", "宁夏", "Ningxia", 106.2, 37.3],
  ["65", "新疆", "Xinjiang", 85.3, 41.7],
  ["71", "台湾", "Taiwan", 121, 23.7],
  ["81", "香港", "Hong Kong", 114.2, 22.4],
  ["82", "澳门", "Macao", 113.55, 22.15],
];

export const PROVINCES: readonly KnownPlace[] = rows.map(([code, zh, en, lng, lat]) => ({ code, zh, en, lng, lat }));

/** Cities as large as a province in rank alone: where names are too many, theirs wait. */
export const SMALL: ReadonlySet<string> = new Set(["12", "31", "81", "82"]);

/** Names on the plane that are no province. */
export const SEAS: readonly KnownPlace[] = [{ code: "", zh: "南海诸岛", en: "South China Sea Islands", lng: 114, lat: 12 }];

const regions: readonly [string, RegExp, string, number, number][] = [
  ["华东", /华东|^east/i, "East", 119, 31],
  ["华南", /华南|^south(?!west)/i, "South", 112, 23],
  ["华北", /华北|^north(?!east|west)/i, "North", 114, 39.5],
  ["华中", /华中|^central/i, "Central", 112.8, 30],
  ["西南", /西南|^southwest/i, "Southwest", 103, 28],
  ["西北", /西北|^northwest/i, "Northwest", 95, 38.5],
  ["东北", /东北|^northeast/i, "Northeast", 126, 45],
  ["西部", /西部|^west/i, "West", 98, 33.5],
];

/** The place a text or a code is about: a province named at its beginning, else a greater region. */
export function placeOf(text: string): KnownPlace | undefined {
  const clean = text.trim();
  if (!clean) return undefined;
  if (/^\d{2,12}$/.test(clean)) return PROVINCES.find((one) => clean.startsWith(one.code));
  const lower = clean.toLowerCase();
  const province = PROVINCES.find((one) => clean.startsWith(one.zh) || lower.startsWith(one.en.toLowerCase())) ?? PROVINCES.find((one) => clean.slice(0, 12).includes(one.zh));
  if (province) return province;
  const region = regions.find(([, pattern]) => pattern.test(clean));
  return region && { code: "", zh: region[0], en: region[2], lng: region[3], lat: region[4] };
}

/** The part of the earth the plane shows. */
export const EXTENT = { west: 72, east: 137, south: 3, north: 55 } as const;
export const PLANE = { width: 1_000, height: 860 } as const;

const mercator = (lat: number): number => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
const [TOP, BOTTOM] = [mercator(EXTENT.north), mercator(EXTENT.south)];

/** Where a point of the earth stands on the plane. */
export function project(lng: number, lat: number): { x: number; y: number } {
  const x = ((lng - EXTENT.west) / (EXTENT.east - EXTENT.west)) * PLANE.width;
  const y = ((TOP - mercator(Math.max(-85, Math.min(85, lat)))) / (TOP - BOTTOM)) * PLANE.height;
  return { x, y };
}

export interface Spot<T> {
  x: number;
  y: number;
  items: T[];
}

/** Points nearer to each other than `near` become one, at the middle of them. */
export function clusters<T>(points: readonly { x: number; y: number; item: T }[], near: number): Spot<T>[] {
  const cells = new Map<string, Spot<T>[]>();
  const found: Spot<T>[] = [];
  for (const point of points) {
    const [column, row] = [Math.floor(point.x / near), Math.floor(point.y / near)];
    let home: Spot<T> | undefined;
    for (let dx = -1; dx <= 1 && !home; dx += 1)
      for (let dy = -1; dy <= 1 && !home; dy += 1)
        home = cells.get(`${column + dx}:${row + dy}`)?.find((spot) => Math.hypot(spot.x - point.x, spot.y - point.y) < near);
    if (home) {
      const n = home.items.push(point.item);
      home.x += (point.x - home.x) / n;
      home.y += (point.y - home.y) / n;
      continue;
    }
    const spot = { x: point.x, y: point.y, items: [point.item] };
    found.push(spot);
    const key = `${column}:${row}`;
    cells.set(key, [...(cells.get(key) ?? []), spot]);
  }
  return found;
}

export interface Name {
  /** The middle of the text, and the line it stands on. */
  x: number;
  y: number;
  name: string;
}

/** Where a name may go around its place, in its own height: on it, below, above; then beside the point that is there. */
const TRIES = [0.35, 1.5, -0.8];
const [ABOVE, BELOW, NARROW] = [0.9, 0.3, 0.58];

/** Names that stand in nobody's way, `height` tall: those that find no room near their place are left out. */
export function spaced(places: readonly Name[], points: readonly { x: number; y: number; radius: number }[], height: number): Name[] {
  const taken = points.map((point) => ({ left: point.x - point.radius, right: point.x + point.radius, top: point.y - point.radius, bottom: point.y + point.radius }));
  return places.flatMap((place) => {
    const half = ([...place.name].reduce((sum, one) => sum + (one > "\u2e80" ? 1 : NARROW), 0) * height) / 2;
    const point = points.find((one) => Math.hypot(one.x - place.x, one.y - place.y) < one.radius + height);
    const beside = point ? [point.y + point.radius + height, point.y - point.radius - BELOW * height] : [];
    for (const y of [...TRIES.map((step) => place.y + step * height), ...beside]) {
      const box = { left: place.x - half, right: place.x + half, top: y - ABOVE * height, bottom: y + BELOW * height };
      if (taken.some((one) => one.left < box.right && box.left < one.right && one.top < box.bottom && box.top < one.bottom)) continue;
      taken.push(box);
      return [{ ...place, y }];
    }
    return [];
  });
}
