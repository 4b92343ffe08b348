/* In the audio thread: the microphone as 8 kHz frames of 20 ms, and what comes as such frames made audible. */

const LINE = 8000;
const FRAME = 160;
const CROSSINGS = 12;
const FINENESS = 96;

/** Changes the rate of audio while it flows: a windowed sinc, so that no high tone comes back as a low one. */
class Resampler {
  constructor(from, to) {
    this.step = from / to;
    const cut = Math.min(1, to / from) * 0.92;
    this.reach = Math.ceil(CROSSINGS / cut);
    this.kernel = new Float32Array(this.reach * FINENESS + 2);
    for (let i = 0; i < this.kernel.length; i += 1) {
      const u = i / FINENESS;
      const x = Math.PI * cut * u;
      const window = u < this.reach ? 0.5 + 0.5 * Math.cos((Math.PI * u) / this.reach) : 0;
      this.kernel[i] = cut * (x === 0 ? 1 : Math.sin(x) / x) * window;
    }
    this.past = new Float32Array(2 * this.reach);
    this.at = this.reach;
  }

  feed(samples) {
    const all = new Float32Array(this.past.length + samples.length);
    all.set(this.past);
    all.set(samples, this.past.length);
    const out = [];
    while (this.at + this.reach < all.length) {
      const middle = Math.floor(this.at);
      let sum = 0;
      for (let i = middle - this.reach + 1; i <= middle + this.reach; i += 1) {
        sum += all[i] * this.kernel[Math.round(Math.abs(this.at - i) * FINENESS)];
      }
      out.push(sum);
      this.at += this.step;
    }
    const drop = Math.max(0, Math.min(Math.floor(this.at) - this.reach, all.length));
    this.past = all.slice(drop);
    this.at -= drop;
    return out;
  }
}

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, LINE);
    this.waiting = [];
  }

  process(inputs) {
    const heard = inputs[0][0];
    if (heard) this.waiting.push(...this.resampler.feed(heard));
    while (this.waiting.length >= FRAME) {
      const frame = new Int16Array(FRAME);
      const samples = this.waiting.splice(0, FRAME);
      for (let i = 0; i < FRAME; i += 1) frame[i] = Math.max(-1, Math.min(1, samples[i])) * 32767;
      this.port.postMessage(frame.buffer, [frame.buffer]);
    }
    return true;
  }
}

/** Waits for a little audio before it begins, so that a late frame makes no gap; too much of it is caught up with. */
class Earpiece extends AudioWorkletProcessor {
  constructor() {
    super();
    this.begin = sampleRate * 0.08;
    this.most = sampleRate * 0.6;
    this.forget();
    this.port.onmessage = ({ data }) => {
      if (data === "flush") this.forget();
      else this.take(new Int16Array(data));
    };
  }

  forget() {
    this.resampler = new Resampler(LINE, sampleRate);
    this.chunks = [];
    this.there = 0;
    this.offset = 0;
    this.playing = false;
  }

  take(frame) {
    const quiet = frame.every((sample) => Math.abs(sample) < 50);
    if (quiet && this.there > this.most / 2) return; // the other clock is faster: silence may be shorter
    const samples = Float32Array.from(this.resampler.feed(Float32Array.from(frame, (sample) => sample / 32768)));
    this.chunks.push(samples);
    this.there += samples.length;
    while (this.there > this.most) {
      this.there -= this.chunks.shift().length - this.offset;
      this.offset = 0;
    }
  }

  process(_inputs, outputs) {
    const out = outputs[0][0];
    if (!this.playing && this.there < this.begin) return true;
    this.playing = true;
    for (let i = 0; i < out.length; i += 1) {
      while (this.chunks.length && this.offset >= this.chunks[0].length) {
        this.chunks.shift();
        this.offset = 0;
      }
      if (!this.chunks.length) {
        this.playing = false;
        this.there = 0;
        break;
      }
      out[i] = this.chunks[0][this.offset];
      this.offset += 1;
      this.there -= 1;
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
registerProcessor("earpiece", Earpiece);
