import { defineAsyncComponent, type Component } from "vue";

import ComputedWidget from "./widgets/ComputedWidget.vue";
import DateWidget from "./widgets/DateWidget.vue";
import LookupWidget from "./widgets/LookupWidget.vue";
import NumberWidget from "./widgets/NumberWidget.vue";
import SelectWidget from "./widgets/SelectWidget.vue";
import SwitchWidget from "./widgets/SwitchWidget.vue";
import TextareaWidget from "./widgets/TextareaWidget.vue";
import TextWidget from "./widgets/TextWidget.vue";

/** Controls most forms have. */
const USUAL: Readonly<Record<string, Component>> = {
  text: TextWidget,
  textarea: TextareaWidget,
  email: TextWidget,
  phone: TextWidget,
  number: NumberWidget,
  currency: NumberWidget,
  percent: NumberWidget,
  date: DateWidget,
  datetime: DateWidget,
  switch: SwitchWidget,
  select: SelectWidget,
  multi_select: SelectWidget,
  user: LookupWidget,
  users: LookupWidget,
  dept: LookupWidget,
  depts: LookupWidget,
  link_one: LookupWidget,
  link_many: LookupWidget,
  formula: ComputedWidget,
  serial: ComputedWidget,
  id_number: TextWidget,
  lookup: ComputedWidget,
  rollup: ComputedWidget,
};

type Loader = () => Promise<{ default: Component }>;

/** Controls that come with the first form that has such a field. */
const SELDOM: Readonly<Record<string, Loader>> = {
  radio: () => import("./widgets/ChoiceGroupWidget.vue"),
  checkbox_group: () => import("./widgets/ChoiceGroupWidget.vue"),
  tags: () => import("./widgets/TagsWidget.vue"),
  cascader: () => import("./widgets/CascaderWidget.vue"),
  matrix: () => import("./widgets/MatrixWidget.vue"),
  address: () => import("./widgets/AddressWidget.vue"),
  location: () => import("./widgets/LocationWidget.vue"),
  subtable: () => import("./widgets/SubtableWidget.vue"),
  file: () => import("./widgets/FileWidget.vue"),
  image: () => import("./widgets/ImageWidget.vue"),
  signature: () => import("./widgets/SignatureWidget.vue"),
  audio: () => import("./widgets/AudioWidget.vue"),
  url: () => import("./widgets/UrlWidget.vue"),
  barcode: () => import("./widgets/BarcodeWidget.vue"),
  rating: () => import("./widgets/RatingWidget.vue"),
  progress: () => import("./widgets/ProgressWidget.vue"),
  duration: () => import("./widgets/DurationWidget.vue"),
  time: () => import("./widgets/TimeWidget.vue"),
  date_range: () => import("./widgets/DateRangeWidget.vue"),
  rich_text: () => import("./widgets/RichTextWidget.vue"),
  secret: () => import("./widgets/SecretWidget.vue"),
  query: () => import("./widgets/QueryWidget.vue"),
};

/** Types with a control. Apart from the types, because a list needs the types and no control. */
export const CONTROLLED: readonly string[] = [...Object.keys(USUAL), ...Object.keys(SELDOM)];

const drawn = new Map<string, Component>();
const asked = new Map<string, Promise<Component>>();

function ask(type: string, load: Loader): Promise<Component> {
  const known = asked.get(type);
  if (known) return known;
  const coming = load().then((part) => {
    if (!drawn.has(type)) drawn.set(type, part.default);
    return part.default;
  });
  asked.set(type, coming);
  coming.catch(() => asked.delete(type)); // may be asked for again
  return coming;
}

/** Whether the control of a type can be drawn at once. */
export const hasWidget = (type: string): boolean => !(type in SELDOM) || drawn.has(type);

/** Fetch the controls of these types; a page that waits for this before it shows the form does not jump. */
export async function loadWidgets(types: Iterable<string>): Promise<void> {
  await Promise.all([...new Set(types)].flatMap((type) => (SELDOM[type] ? [ask(type, SELDOM[type])] : [])));
}

/** The control of a type; a type this browser does not know is edited as text. */
export function widgetOf(type: string): Component {
  const at = USUAL[type] ?? drawn.get(type);
  const load = SELDOM[type];
  if (at || !load) return at ?? TextWidget;
  const later = defineAsyncComponent(() => ask(type, load));
  drawn.set(type, later); // the same one next time, or what is drawn would begin anew
  return later;
}
