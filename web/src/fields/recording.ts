/** Why nothing can be recorded: no HTTPS, no recorder in this browser, refused, no microphone. */
export type NoSound = "insecure" | "missing" | "denied" | "noMicrophone";

const KINDS: readonly [type: string, ending: string][] = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/webm", "webm"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
];

export const canRecord = (): boolean => window.isSecureContext && typeof MediaRecorder !== "undefined" && !!navigator.mediaDevices;

/** Record from the microphone until `stop`; the promise of `done` brings the file. */
export interface Recording {
  stop(): void;
  done: Promise<File>;
}

export async function record(name: string): Promise<Recording> {
  const refuse = (why: NoSound): never => {
    throw Object.assign(new Error(why), { why });
  };
  if (!window.isSecureContext) refuse("insecure");
  if (!canRecord()) refuse("missing");
  const stream = await navigator.mediaDevices
    .getUserMedia({ audio: true })
    .catch((problem: DOMException) => refuse(problem.name === "NotFoundError" ? "noMicrophone" : "denied"));
  const [type, ending] = KINDS.find(([kind]) => MediaRecorder.isTypeSupported(kind)) ?? ["", "webm"];
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  const pieces: Blob[] = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  const done = new Promise<File>((resolve) => {
    recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      resolve(new File(pieces, `${name}.${ending}`, { type: type.split(";")[0] ?? "" }));
    });
  });
  recorder.start(1000);
  return {
    stop: () => {
      if (recorder.state !== "inactive") recorder.stop();
    },
    done,
  };
}
