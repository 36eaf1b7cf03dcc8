import { Image as ImageIcon } from "@lucide/vue";

import type { FileItem } from "@/api/types";

import type { FieldUi } from "../contract";
import { file } from "./file";

export const image: FieldUi<FileItem[]> = {
  ...file,
  type: "image",
  label: "fields.type.image",
  icon: ImageIcon,
  cell: "pictures",
};
