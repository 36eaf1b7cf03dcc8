/** Reading bar codes and QR codes from a camera or a photo, with the browser's own detector where it has one. */

/** A code that was found, or null. */
export type Reader = (source: ImageBitmapSource & CanvasImageSource, width: number, height: number) => Promise<string | null>;

interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}
type DetectorClass = (new () => Detector) & { getSupportedFormats?: () => Promise<string[]> };

const LARGEST = 1600;

/** Whether this page may use the camera live; a page over plain http (but localhost) may not, a photo still works. */
export const liveCamera = (): boolean => window.isSecureContext && !!navigator.mediaDevices?.getUserMedia;

/** Whether bar codes can be read here, too; without the browser's own detector only QR codes can. */
export async function readsBars(): Promise<boolean> {
  const detector = detectorClass();
  return !!detector && !!(await detector.getSupportedFormats?.())?.some((format) => format !== "qr_code");
}

const detectorClass = (): DetectorClass | undefined => (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

/** The best reader there is here; the fallback for QR codes is only loaded where it is needed. */
export async function readerHere(): Promise<Reader> {
  const own = detectorClass();
  if (own) {
    const detector = new own();
    return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
  }
  const { default: jsQR } = await import("jsqr");
  const canvas = document.createElement("canvas");
  return (source, width, height) => {
    const scale = Math.min(1, LARGEST / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return Promise.resolve(null);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    return Promise.resolve(jsQR(pixels.data, pixels.width, pixels.height)?.data || null);
  };
}

/** The code on a photo; null when none is found. Rejects for a file that is no picture. */
export async function readPhoto(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file);
  try {
    return await (await readerHere())(picture, picture.width, picture.height);
  } finally {
    picture.close();
  }
}
