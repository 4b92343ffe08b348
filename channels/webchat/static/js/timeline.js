/* The talk on the page: bubbles, times between them, what is being sent, what is new further down. */

import { canSpeak, speakButton } from "./aloud.js";
import { cardOf, retire } from "./cards.js";
import { el, hidden, icon } from "./dom.js";
import { apart, moment } from "./times.js";

const NEAR_END = 120; // pixels
const HISTORY = 50; // messages somebody who comes back gets at once
const RETIRING = ".card:not(.card-answer)";
const AUTHORS = { citizen: "您", bot: "机器人", staff: "工作人员", system: "热线" };

export class Timeline {
  /** `say(text)` for the buttons of cards, `again(id)` for a message that was not sent, `onRead(place)`. */
  constructor({ say, again, onRead }) {
    this.say = say;
    this.again = again;
    this.onRead = onRead;
    this.scroller = document.getElementById("scroll");
    this.list = document.getElementById("messages");
    this.dots = document.getElementById("dots");
    this.unread = document.getElementById("unread");
    this.place = { conversation: null, seq: 0 };
    this.ended = new Set(); // conversations before this one
    this.first = null; // the oldest message shown: {conversation, seq}
    this.lastAt = null;
    this.missed = 0;
    this.following = true;
    this.catchingUp = true; // until all that was said before is shown
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.unread.addEventListener("click", () => this.toEnd(true));
    document.addEventListener("visibilitychange", () => document.hidden || this.seen());
    const stay = new ResizeObserver(() => this.following && this.toEnd());
    stay.observe(this.list);
    stay.observe(this.scroller);
  }

  // ----------------------------------------------------------------------------------- stored messages

  /** Shows a stored message at its place; one that is shown already is left alone. Whether it was new. */
  show(message) {
    if (this.isShown(message)) return false;
    this.adopt(message);
    if (!this.find(message)) this.append(message);
    if (this.place.conversation !== message.conversation) this.ended.add(this.place.conversation);
    this.place = { conversation: message.conversation, seq: message.seq };
    this.first = this.first || this.place;
    if (message.author !== "citizen") this.hush();
    if (this.isAtEnd()) this.follow(message);
    else this.miss(message);
    return true;
  }

  isShown({ conversation, seq }) {
    return this.place.conversation === conversation ? seq <= this.place.seq : this.ended.has(conversation);
  }

  find({ conversation, seq }) {
    return document.getElementById(`m-${conversation}-${seq}`);
  }

  append(message) {
    if (message.author === "citizen") this.retireCards();
    else if (message.card && message.card.kind === "summary") this.retireCards(".card-summary");
    const below = this.firstBelow(message);
    if (!below && apart(this.lastAt, message.at)) this.list.append(timeLine(message.at));
    this.lastAt = message.at;
    this.list.insertBefore(this.bubble(message), below);
  }

  /** What has to stay below a message: what is not stored yet, and what was acknowledged before it came. */
  firstBelow({ conversation, seq }) {
    const later = (row) => row.dataset.id || (row.dataset.conversation === conversation && Number(row.dataset.seq) > seq);
    let below = null;
    for (let row = this.list.lastElementChild; row && later(row); row = row.previousElementSibling) below = row;
    return below;
  }

  /** Whether there may be older messages than those shown. */
  mayHaveOlder() {
    return this.first !== null && (this.first.seq > 1 || this.list.querySelectorAll(".message").length >= HISTORY);
  }

  /** Shows older messages above all others. */
  prepend(messages) {
    const height = this.scroller.scrollHeight;
    const top = this.scroller.scrollTop;
    const rows = [];
    let earlier = null;
    for (const message of messages) {
      if (apart(earlier, message.at)) rows.push(timeLine(message.at));
      rows.push(this.bubble(message));
      earlier = message.at;
    }
    rows.forEach((row) => row.querySelectorAll(RETIRING).forEach(retire));
    this.following = false;
    this.list.prepend(...rows);
    if (messages.length) this.first = { conversation: messages[0].conversation, seq: messages[0].seq };
    this.scroller.scrollTop = top + this.scroller.scrollHeight - height;
  }

  bubble(message) {
    const { conversation, seq } = message;
    const row = el("li", { id: `m-${conversation}-${seq}`, "data-conversation": conversation, "data-seq": seq });
    if (message.kind === "notice") {
      row.className = "line";
      row.append(message.text);
      return row;
    }
    const mine = message.author === "citizen";
    row.className = `message message-${mine ? "out" : "in"} by-${message.author}`;
    const card = mine ? null : cardOf(message, this.say);
    if (card) row.classList.add("has-card");
    row.append(avatar(message.author), this.body(message, card));
    return row;
  }

  body(message, card) {
    const name = message.agent ? `人工 ${message.agent}` : AUTHORS[message.author];
    const body = el("div", { class: "message-body" });
    body.append(message.agent ? el("span", { class: "message-name" }, name) : hidden(`${name}：`));
    if (card) body.append(card);
    else if (message.photo) body.append(photo(message.photo));
    else body.append(el("p", { class: "bubble" }, message.text));
    if (message.author !== "citizen" && canSpeak()) body.append(speakButton(message.text));
    return body;
  }

  // ------------------------------------------------------------------------------- messages being sent

  /** Shows a message that is being sent. `preview`: address of the photo on this device. */
  sending({ id, text, about, at }, preview) {
    this.retireCards();
    if (apart(this.lastAt, at)) this.list.append(timeLine(at));
    this.lastAt = at;
    const inside = preview ? photo(preview) : el("p", { class: "bubble" }, text);
    const mark = el("span", { class: "mark", role: "status" }, hidden("正在发送"));
    const body = el("div", { class: "message-body" }, hidden("您："), inside);
    const row = el("li", { class: "message message-out is-sending", "data-id": id }, avatar("citizen"), body, mark);
    Object.assign(row, { text, about });
    this.list.append(row);
    this.toEnd(true);
  }

  /** A message was stored as number `seq`; where nothing lies in between, it will not come again. */
  stored(id, conversation, seq) {
    if (this.place.conversation === conversation && seq === this.place.seq + 1) this.place = { conversation, seq };
    const row = this.row(id);
    if (!row) return;
    if (this.find({ conversation, seq })) {
      row.remove();
      return;
    }
    row.id = `m-${conversation}-${seq}`;
    Object.assign(row.dataset, { conversation, seq });
    row.removeAttribute("data-id");
    row.classList.remove("is-sending", "is-failed");
    row.querySelector(".mark").remove();
    const reason = row.querySelector(".reason");
    if (reason) reason.remove();
  }

  /** A message was not taken; `again` says whether it is worth another try. */
  failed(id, reason, again = true) {
    const row = this.row(id);
    if (!row || (!reason && row.matches(".is-failed"))) return;
    row.classList.replace("is-sending", "is-failed");
    const mark = row.querySelector(".mark");
    const press = () => this.again(id);
    mark.replaceChildren(
      again
        ? el("button", { class: "again", type: "button", title: "重新发送", onclick: press }, icon("refresh"), hidden("没有发出去，点这里重新发送"))
        : icon("alert-triangle"),
    );
    if (!reason) return;
    if (row.querySelector(".reason")) row.querySelector(".reason").textContent = reason;
    else row.querySelector(".message-body").append(el("p", { class: "reason", role: "alert" }, reason));
  }

  /** A message is being sent again. */
  retrying(id) {
    const row = this.row(id);
    if (!row) return;
    row.classList.replace("is-failed", "is-sending");
    row.querySelector(".mark").replaceChildren(hidden("正在发送"));
    const reason = row.querySelector(".reason");
    if (reason) reason.remove();
  }

  row(id) {
    return this.list.querySelector(`li[data-id="${id}"]`);
  }

  /** The message that is being sent and the stored one it turned out to be are one row. */
  adopt(message) {
    if (message.author !== "citizen" || message.photo) return;
    const same = Array.from(this.list.querySelectorAll("li.is-sending")).find((row) => row.text === message.text);
    if (same) this.stored(same.dataset.id, message.conversation, message.seq);
  }

  retireCards(which = RETIRING) {
    this.list.querySelectorAll(which).forEach(retire);
  }

  // -------------------------------------------------------------------------------------- dots, scrolling

  /** Somebody is writing an answer. */
  writing(patience) {
    this.dots.hidden = false;
    clearTimeout(this.dotsTimer);
    this.dotsTimer = setTimeout(() => this.hush(), patience);
    if (this.following) this.toEnd();
  }

  /** Nobody is writing any more. */
  hush() {
    this.dots.hidden = true;
    clearTimeout(this.dotsTimer);
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return this.following || scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  follow(message) {
    const row = this.find(message);
    const tall = !this.catchingUp && row && row.offsetHeight > this.scroller.clientHeight - 80;
    if (tall && message.author !== "citizen") {
      this.following = false;
      this.scroller.scrollTop += row.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - 8;
    } else this.toEnd();
    this.seen();
  }

  miss(message) {
    this.missed += 1;
    this.unread.hidden = false;
    this.unread.lastChild.textContent = `有 ${this.missed} 条新消息`;
    if (message.author !== "citizen" && document.hidden) document.title = `（${this.missed}）新消息`;
  }

  toEnd(read = false) {
    this.following = true;
    if (!this.list.children.length) return; // the welcome is read from its top
    this.scroller.scrollTop = this.scroller.scrollHeight;
    if (read) this.seen();
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < 8;
    if (this.following) this.seen();
  }

  seen() {
    if (document.hidden || !this.isAtEnd()) return;
    this.missed = 0;
    this.unread.hidden = true;
    if (this.place.conversation) this.onRead(this.place);
  }

  /** All that was said before is shown; a line is put above what has come since the last visit, and stays in sight. */
  caughtUp(conversation, read) {
    this.catchingUp = false;
    const rows = Array.from(this.list.querySelectorAll(`li[data-conversation="${conversation}"].message-in`));
    const fresh = read > 0 && rows.find((row) => Number(row.dataset.seq) > read);
    if (!fresh) return;
    const line = el("li", { class: "line line-new" }, "以下是新消息");
    fresh.before(line);
    const above = line.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    if (above >= 0) return;
    this.following = false;
    this.scroller.scrollTop += above;
  }

  /** A line of ours in the middle. */
  line(words) {
    this.list.append(el("li", { class: "line" }, words));
    if (this.following) this.toEnd();
  }
}

function timeLine(at) {
  return el("li", { class: "line line-time" }, el("time", { datetime: at }, moment(at)));
}

function avatar(author) {
  const drawing = { citizen: "user", staff: "headset" }[author] || "message-circle";
  return el("span", { class: "avatar", "aria-hidden": "true" }, icon(drawing));
}

function photo(address) {
  const picture = el("img", { src: address, alt: "照片", loading: "lazy", width: "160", height: "160" });
  const shown = el("a", { class: "photo", href: address, target: "_blank", rel: "noopener" }, picture);
  picture.addEventListener("error", () => shown.replaceWith(el("p", { class: "bubble" }, "［照片打不开］")));
  return shown;
}
