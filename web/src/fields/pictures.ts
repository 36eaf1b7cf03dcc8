/** Shrink a photo before it is sent, drawn upright; anything but a larger still picture comes back as it is. */
export async function shrunk(file: File, side: number): Promise<File> {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!picture) return file; // the server says what is wrong with it
  const share = side / Math.max(picture.width, picture.height);
  if (share >= 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, file.type, 0.85));
  return made && made.size < file.size ? new File([made], file.name, { type: made.type }) : file;
}

export const isPicture = (type: string): boolean => type.startsWith("image/");
