/* Reading aloud, in 长辈模式, where the device can. */

import { el, icon } from "./dom.js";

let speaking = null; // the button whose words are being read

/** Whether this device can read Chinese aloud, as far as it says. */
export function canSpeak() {
  return "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;
}

function label(button, words) {
  button.lastChild.textContent = words;
}

function stop() {
  window.speechSynthesis.cancel();
  if (speaking) label(speaking, "读给我听");
  speaking = null;
}

function start(button, words) {
  stop();
  const utterance = new SpeechSynthesisUtterance(words);
  utterance.lang = "zh-CN";
  utterance.rate = 0.9;
  utterance.onend = utterance.onerror = () => speaking === button && stop();
  speaking = button;
  label(button, "停");
  window.speechSynthesis.speak(utterance);
}

/** A button that reads `words`, and stops reading when pressed again. */
export function speakButton(words) {
  const button = el("button", { class: "aloud", type: "button" }, icon("volume"), "读给我听");
  button.addEventListener("click", () => (speaking === button ? stop() : start(button, words)));
  return button;
}
