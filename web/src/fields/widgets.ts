import type { Component } from "vue";

import AddressWidget from "./widgets/AddressWidget.vue";
import AudioWidget from "./widgets/AudioWidget.vue";
import BarcodeWidget from "./widgets/BarcodeWidget.vue";
import CascaderWidget from "./widgets/CascaderWidget.vue";
import ChoiceGroupWidget from "./widgets/ChoiceGroupWidget.vue";
import ComputedWidget from "./widgets/ComputedWidget.vue";
import DateRangeWidget from "./widgets/DateRangeWidget.vue";
import DateWidget from "./widgets/DateWidget.vue";
import DurationWidget from "./widgets/DurationWidget.vue";
import FileWidget from "./widgets/FileWidget.vue";
import ImageWidget from "./widgets/ImageWidget.vue";
import LocationWidget from "./widgets/LocationWidget.vue";
import LookupWidget from "./widgets/LookupWidget.vue";
import MatrixWidget from "./widgets/MatrixWidget.vue";
import NumberWidget from "./widgets/NumberWidget.vue";
import ProgressWidget from "./widgets/ProgressWidget.vue";
import RatingWidget from "./widgets/RatingWidget.vue";
import RichTextWidget from "./widgets/RichTextWidget.vue";
import SecretWidget from "./widgets/SecretWidget.vue";
import SelectWidget from "./widgets/SelectWidget.vue";
import SignatureWidget from "./widgets/SignatureWidget.vue";
import SubtableWidget from "./widgets/SubtableWidget.vue";
import SwitchWidget from "./widgets/SwitchWidget.vue";
import TagsWidget from "./widgets/TagsWidget.vue";
import TextareaWidget from "./widgets/TextareaWidget.vue";
import TextWidget from "./widgets/TextWidget.vue";
import TimeWidget from "./widgets/TimeWidget.vue";
import UrlWidget from "./widgets/UrlWidget.vue";

/** Control of every field type. Apart from the types, because a list needs the types and no control. */
export const WIDGETS: Readonly<Record<string, Component>> = {
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
  radio: ChoiceGroupWidget,
  checkbox_group: ChoiceGroupWidget,
  tags: TagsWidget,
  cascader: CascaderWidget,
  matrix: MatrixWidget,
  user: LookupWidget,
  users: LookupWidget,
  dept: LookupWidget,
  depts: LookupWidget,
  address: AddressWidget,
  location: LocationWidget,
  link_one: LookupWidget,
  link_many: LookupWidget,
  subtable: SubtableWidget,
  file: FileWidget,
  image: ImageWidget,
  signature: SignatureWidget,
  audio: AudioWidget,
  formula: ComputedWidget,
  serial: ComputedWidget,
  url: UrlWidget,
  id_number: TextWidget,
  barcode: BarcodeWidget,
  rating: RatingWidget,
  progress: ProgressWidget,
  duration: DurationWidget,
  time: TimeWidget,
  date_range: DateRangeWidget,
  lookup: ComputedWidget,
  rollup: ComputedWidget,
  rich_text: RichTextWidget,
  secret: SecretWidget,
};

/** The control of a type; a type this browser does not know is edited as text. */
export const widgetOf = (type: string): Component => WIDGETS[type] ?? TextWidget;
