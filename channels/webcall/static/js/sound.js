/* The citizen's microphone and earpiece. */

/** Why there is no microphone, in words. */
const REASONS = {
  NotAllowedError: "您没有允许使用麦克风。请点网址旁边的图标允许麦克风，再打一次；也可以只按键，或者用文字对话。",
  NotFoundError: "没有找到麦克风。可以只按键，或者用文字对话。",
  NotReadableError: "麦克风正被别的程序占用。请关掉它再打一次；也可以只按键，或者用文字对话。",
};
const INSECURE = "这个网址不是 https，浏览器不让用麦克风。可以只按键，或者用文字对话。";
const OTHERWISE = "麦克风用不了。可以只按键，或者用文字对话。";

/** The microphone; throws an Error whose message says in words why there is none. */
export async function microphone() {
  if (!navigator.mediaDevices) throw new Error(INSECURE);
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
  } catch (problem) {
    throw new Error(REASONS[problem.name] || OTHERWISE);
  }
}

/** Both ends of the sound of one call. `heard` is called with every frame of the microphone (8 kHz, 16 bit). */
export class Sound {
  static async open(stream, heard) {
    const context = new AudioContext({ latencyHint: "interactive" });
    await context.resume();
    await context.audioWorklet.addModule(document.body.dataset.worklet);
    return new Sound(context, stream, heard);
  }

  constructor(context, stream, heard) {
    this.context = context;
    this.stream = stream;
    const mono = { channelCount: 1, channelCountMode: "explicit" };
    this.earpiece = new AudioWorkletNode(context, "earpiece", { ...mono, numberOfInputs: 0, outputChannelCount: [1] });
    this.earpiece.connect(context.destination);
    if (!stream) return;
    const microphone = new AudioWorkletNode(context, "microphone", { ...mono, numberOfOutputs: 0 });
    microphone.port.onmessage = ({ data }) => heard(data);
    context.createMediaStreamSource(stream).connect(microphone);
  }

  play(frame) {
    this.earpiece.port.postMessage(frame, [frame]);
  }

  flush() {
    this.earpiece.port.postMessage("flush");
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context.close();
  }
}

/** Whether there is a voice in a frame, roughly: for the words on the page only. */
export function isLoud(frame, level) {
  return new Int16Array(frame).some((sample) => Math.abs(sample) > level);
}
