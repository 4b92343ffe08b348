/* What opens above the keyboard: a photo, where one is, a call. In the manner of every chat people know. */

import { canLocate, whereAmI } from "./place.js";

/** `onPhoto(file)`, `onPlace(words)`, `onProblem(words)` when the device does not tell where it is. */
export function extras({ onPhoto, onPlace, onProblem }) {
  const panel = document.getElementById("extras");
  const button = document.getElementById("more");
  const show = (open) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(panel.hidden));
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button.focus();
  });
  takePhotos(onPhoto, () => show(false));
  tellPlace(onPlace, onProblem, () => show(false));
}

function takePhotos(onPhoto, done) {
  const photo = document.getElementById("photo");
  photo.addEventListener("change", () => {
    if (photo.files[0]) onPhoto(photo.files[0]);
    photo.value = "";
    done();
  });
}

function tellPlace(onPlace, onProblem, done) {
  const button = document.getElementById("place");
  const label = button.querySelector("[role=status]");
  const words = label.textContent;
  button.hidden = !canLocate();
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled")) return; // one question at a time
    button.setAttribute("aria-disabled", "true");
    label.textContent = "正在定位…";
    try {
      onPlace(await whereAmI());
      done();
    } catch (problem) {
      onProblem(problem.message);
    }
    label.textContent = words;
    button.removeAttribute("aria-disabled");
  });
}
