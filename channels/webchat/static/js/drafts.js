/* What is kept on this device: the draft, and messages not yet acknowledged. Works without storage, for this visit. */

const DRAFT = "huiyin-draft";
const UNSENT = "huiyin-unsent";

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) {
    return null;
  }
}

function write(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch (error) {
    /* no storage, or full: it lives as long as the page */
  }
}

/** The words typed and not sent. */
export function draft() {
  return read(DRAFT) || "";
}

/** Keeps the words typed so far. */
export function keepDraft(words) {
  write(DRAFT, words);
}

/** Messages of an earlier visit that were never acknowledged: `[{id, text, at}]`. */
export function unsent() {
  try {
    const kept = JSON.parse(read(UNSENT) || "[]");
    return Array.isArray(kept) ? kept.filter((one) => one && one.id && one.text) : [];
  } catch (error) {
    return [];
  }
}

/** Keeps the messages that are still to be acknowledged. */
export function keepUnsent(messages) {
  write(UNSENT, messages.length ? JSON.stringify(messages) : "");
}

/** Forgets everything about the person in front of the screen. */
export function forget() {
  keepDraft("");
  keepUnsent([]);
}
