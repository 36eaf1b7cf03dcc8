import { Mic } from "@lucide/vue";

import type { FileItem } from "@/api/types";

import type { FieldUi } from "../contract";
import { file } from "./file";

export const audio: FieldUi<FileItem[]> = {
  ...file,
  type: "audio",
  label: "fields.type.audio",
  icon: Mic,
};
