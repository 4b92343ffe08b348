/* Sending photos: made smaller here when they are too large to be taken, then sent with a bar nobody has to watch. */

import { newId } from "./dom.js";

const LONGEST_SIDE = 2560;

/** A photo small enough to be taken. */
async function fitting(file, limit) {
  if (file.size <= limit || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const paper = document.createElement("canvas");
    paper.width = Math.round(picture.width * scale);
    paper.height = Math.round(picture.height * scale);
    paper.getContext("2d").drawImage(picture, 0, 0, paper.width, paper.height);
    return (await new Promise((done) => paper.toBlob(done, "image/jpeg", 0.85))) || file;
  } catch (error) {
    return file; // not a photo this device knows: the hotline says so in words
  }
}

export class PhotoSender {
  /** `timeline` shows what is sent; `onStored(ack)` when it is. */
  constructor(timeline, onStored) {
    this.timeline = timeline;
    this.onStored = onStored;
    this.files = new Map();
    this.limit = Number(document.body.dataset.uploadLimit);
  }

  /** Whether a message being sent is a photo. */
  has(id) {
    return this.files.has(id);
  }

  /** Shows a chosen file and sends it. */
  choose(file) {
    const id = newId();
    this.files.set(id, file);
    this.timeline.sending({ id, text: "[图片]", at: new Date().toISOString() }, URL.createObjectURL(file));
    this.send(id);
  }

  /** Sends a photo, also again. */
  async send(id) {
    const form = new FormData();
    form.append("id", id);
    form.append("photo", await fitting(this.files.get(id), this.limit), "photo");
    try {
      const answer = await fetch("/chat/photos", { method: "POST", body: form, headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (answer.ok) {
        this.files.delete(id);
        this.onStored(said);
      } else this.timeline.failed(id, said.reason, answer.status >= 500 || answer.status === 429);
    } catch (error) {
      this.timeline.failed(id, "照片没有发出去，请检查网络后再试。");
    }
  }
}
