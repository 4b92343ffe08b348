/* Where the citizen writes: grows with the words, keeps them for next time, sends them once. */

import { draft, keepDraft } from "./drafts.js";

const TALLEST = 5.5; // lines

export class Composer {
  /** `onSay(text)`, `onTyping()`. */
  constructor({ onSay, onTyping }) {
    this.onSay = onSay;
    this.words = document.getElementById("words");
    this.button = document.getElementById("send");
    this.words.value = draft();
    this.fit();
    document.getElementById("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.words.addEventListener("input", () => {
      keepDraft(this.words.value);
      this.fit();
      onTyping();
    });
    this.words.addEventListener("keydown", (event) => {
      // Enter that ends the choice of a Chinese word must not send
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
  }

  /** Puts words behind what is written, for the citizen to look at, mend and send. */
  add(words) {
    const written = this.words.value.trim();
    this.words.value = written ? `${written}\n${words}` : words;
    keepDraft(this.words.value);
    this.fit();
    this.words.focus();
  }

  submit() {
    const text = this.words.value.trim();
    if (!text) {
      this.words.focus();
      return;
    }
    this.words.value = "";
    keepDraft("");
    this.fit();
    this.onSay(text);
  }

  /** As tall as the words, up to a few lines; no button to send nothing. */
  fit() {
    const { words } = this;
    words.style.height = "auto";
    const line = parseFloat(getComputedStyle(words).lineHeight);
    words.style.height = `${Math.min(words.scrollHeight, line * TALLEST)}px`;
    this.button.disabled = words.value.trim() === "";
  }
}
