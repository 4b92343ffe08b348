/* The line to the hotline: a web socket, or plain requests where no socket gets through.

   What is said is kept until it is acknowledged and sent again under the same id, so it arrives once. What comes is
   asked for from the last place on, so nothing is missed and nothing comes twice. See docs/webchat-protocol.md. */

import { keepUnsent, unsent } from "./drafts.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
const PATIENCE = 10000; // for an ack or an answer to "resume"; then the line is taken for dead
const ASK_EVERY = 3000;
const SOCKET_AGAIN = 60000;
const FAILURES_BEFORE_ASKING = 3;
const TYPING_EVERY = 3000;

export class Connection {
  /** `place()`: {conversation, seq} of the last message shown; `onFrame(frame)`; `onLine(isUp)`. */
  constructor({ place, onFrame, onLine }) {
    this.place = place;
    this.onFrame = onFrame;
    this.onLine = onLine;
    this.waiting = new Map(unsent().map((message) => [message.id, message]));
    this.socket = null;
    this.failures = 0;
    this.asking = false;
    this.lastTyping = 0;
    window.addEventListener("online", () => this.connectNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.check());
  }

  /** Opens the line. */
  start() {
    this.connect();
  }

  /** Messages that are not acknowledged yet, oldest first. */
  pending() {
    return Array.from(this.waiting.values());
  }

  /** Says something; it is kept until it is acknowledged. */
  say(message) {
    this.waiting.set(message.id, message);
    keepUnsent(this.pending());
    this.deliver(message);
  }

  /** Tells that the citizen is typing, not too often. */
  typing() {
    if (Date.now() - this.lastTyping < TYPING_EVERY) return;
    this.lastTyping = Date.now();
    this.send({ type: "typing" });
  }

  /** Tells how far the citizen has read. */
  read(conversation, seq) {
    this.send({ type: "read", conversation, seq });
  }

  /** Asks for everything after the last message shown; also tells whether the line still lives. */
  resume() {
    const { conversation, seq } = this.place();
    if (this.send({ type: "resume", conversation, after: seq })) this.expectAnswer();
  }

  /** The page is looked at again: the line may have died meanwhile. */
  check() {
    if (this.isOpen()) this.resume();
    else this.connectNow();
  }

  // ---------------------------------------------------------------------------------------------- socket

  isOpen() {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  }

  send(frame) {
    if (!this.isOpen()) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  connectNow() {
    if (this.socket !== null) return;
    clearTimeout(this.retry);
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/chat/socket`);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.up();
    };
    socket.onmessage = (event) => socket === this.socket && this.take(JSON.parse(event.data));
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.failures = opened ? 0 : this.failures + 1;
      this.down();
    };
  }

  up() {
    this.failures = 0;
    this.asking = false;
    clearTimeout(this.askTimer);
    this.onLine(true);
    this.resume();
    this.pending().forEach((message) => this.deliver(message));
  }

  down() {
    clearTimeout(this.answerTimer);
    if (!this.asking) this.onLine(false);
    const pause = Math.min(FIRST_PAUSE * 2 ** this.failures, LONGEST_PAUSE) * (0.75 + Math.random() / 2);
    this.retry = setTimeout(() => this.connectNow(), this.asking ? SOCKET_AGAIN : pause);
    if (this.failures >= FAILURES_BEFORE_ASKING && !this.asking) {
      this.asking = true;
      this.ask();
    }
  }

  /** Gives the line up when nothing comes back in time. */
  expectAnswer() {
    clearTimeout(this.answerTimer);
    this.answerTimer = setTimeout(() => {
      if (!this.isOpen()) return;
      const dead = this.socket;
      this.socket = null; // its own "close" may come much later
      dead.close();
      this.down();
    }, PATIENCE);
  }

  // ------------------------------------------------------------------------------------ what comes, what goes

  take(frame) {
    clearTimeout(this.answerTimer);
    if (frame.type === "ack") this.settle(frame.id);
    if (frame.type === "error" && frame.id) this.refused(frame);
    else this.onFrame(frame);
    if (this.waiting.size && this.isOpen()) this.expectAnswer();
  }

  settle(id) {
    this.waiting.delete(id);
    keepUnsent(this.pending());
  }

  refused(frame) {
    const message = this.waiting.get(frame.id);
    if (frame.code === "too_fast" && message) {
      setTimeout(() => this.waiting.has(frame.id) && this.deliver(message), (frame.retry_after || 1) * 1000);
      return;
    }
    this.settle(frame.id);
    this.onFrame(frame);
  }

  deliver(message) {
    const { id, text, about } = message;
    if (this.send({ type: "say", id, text, about })) this.expectAnswer();
    else if (this.asking) this.post(message);
    else this.connectNow();
  }

  // ----------------------------------------------------------------------------------------- plain requests

  async ask() {
    if (!this.asking) return;
    const { conversation, seq } = this.place();
    const where = conversation ? `?conversation=${encodeURIComponent(conversation)}&after=${seq}` : "";
    try {
      const answer = await fetch(`/api/chat/messages${where}`);
      if (answer.status === 403) await this.newSession();
      else if (answer.ok) {
        const news = await answer.json();
        this.onLine(true);
        news.messages.concat(news.state).forEach((frame) => this.onFrame(frame));
        this.pending().forEach((message) => this.post(message));
      }
    } catch (error) {
      this.onLine(false); // no network: asked again below
    }
    this.askTimer = setTimeout(() => this.ask(), ASK_EVERY);
  }

  /** The cookie has run out, or was never ours: the hotline gives a new one. */
  async newSession() {
    await fetch("/api/chat/session", { method: "POST" });
    this.connectNow();
  }

  async post({ id, text, about }) {
    try {
      const answer = await fetch("/api/chat/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ id, text, about }),
      });
      const said = await answer.json();
      if (answer.ok) this.take(said);
      else if (answer.status < 500 && answer.status !== 403) {
        this.take({ type: "error", id, code: said.error, reason: said.reason });
      }
    } catch (error) {
      /* no network: it stays in the queue */
    }
  }
}
