import { Signature } from "@lucide/vue";

import type { FileItem } from "@/api/types";

import type { FieldUi } from "../contract";
import { file } from "./file";

export const signature: FieldUi<FileItem[]> = {
  ...file,
  type: "signature",
  label: "fields.type.signature",
  icon: Signature,
  cell: "pictures",
  wide: false,
};
