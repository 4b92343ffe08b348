/* Making parts of the page. Words from anybody become text nodes, never markup. */

const ICONS = document.body.dataset.icons;
const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; strings are text. `onclick` and the like are listeners. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** One of the icons of the sprite, for the eye only. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#i-${name}`);
  drawing.append(use);
  return drawing;
}

/** Words for screen readers only. */
export function hidden(words) {
  return el("span", { class: "vh" }, words);
}

/** A new id for a message; the same id sent again is the same message. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Words onto the clipboard, also where the page came over plain HTTP. Whether it worked. */
export async function copy(words) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch (error) {
      /* refused: the old way below */
    }
  }
  const holder = el("textarea", { class: "vh", readonly: true });
  holder.value = words;
  document.body.append(holder);
  holder.select();
  const done = document.execCommand("copy");
  holder.remove();
  return done;
}
