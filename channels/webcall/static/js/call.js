/* The page of a call: what is going on in words, the keys, and the line to the hotline. */

import { Sound, isLoud, microphone } from "./sound.js";

const PEOPLE = "您的事情已经交给话务员，请到文字对话里继续，您说过的都在。";
const BROKEN = "通话断了。说过的内容还在，可以再打一次，或者用文字对话。";
const WORDS = {
  asking: "请在浏览器的提示里允许使用麦克风",
  calling: "正在接通…",
  speaking: "智能助手正在说话",
  listening: "请说话，也可以按键",
  hearing: "正在听您说…",
  keys: "请按键",
  over: "通话结束，感谢您的来电",
};
const LASTS = 500; // ms after which a voice has fallen silent
const MOST_UNSENT = 32000; // bytes the line may be behind: 2 s
const OUR_VOICE = 300;
const THEIR_VOICE = 1500;

const $ = (id) => document.getElementById(id);
const page = {
  main: $("call"), state: $("state"), time: $("time"), note: $("note"), keys: $("keys"),
  start: $("start"), silent: $("silent"), mute: $("mute"), stop: $("stop"), chat: $("chat"),
};
let call = null;

function show(state, words) {
  if (page.main.dataset.state === state && !words) return;
  page.main.dataset.state = state;
  page.state.textContent = words || WORDS[state];
}

function note(text) {
  page.note.textContent = text;
  page.note.hidden = !text;
}

function offer(...buttons) {
  for (const name of ["start", "silent", "mute", "stop"]) page[name].hidden = !buttons.includes(name);
  page.keys.hidden = page.time.hidden = !buttons.includes("stop");
}

class Call {
  constructor(stream) {
    this.stream = stream;
    this.muted = false;
    this.ended = false;
    this.heardUs = this.heardThem = 0;
    this.begun = Date.now();
  }

  async begin() {
    show("calling");
    offer("stop", ...(this.stream ? ["mute"] : []));
    this.sound = await Sound.open(this.stream, (frame) => this.send(frame));
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.line = new WebSocket(`${scheme}://${location.host}/call/socket`);
    this.line.binaryType = "arraybuffer";
    this.line.onmessage = ({ data }) => this.came(data);
    this.line.onclose = () => this.end(BROKEN);
    this.clock = setInterval(() => this.tick(), 200);
    this.awake = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  send(frame) {
    if (this.muted || this.line.readyState !== WebSocket.OPEN || this.line.bufferedAmount > MOST_UNSENT) return;
    if (isLoud(frame, THEIR_VOICE)) this.heardThem = Date.now();
    this.line.send(frame);
  }

  came(data) {
    if (data instanceof ArrayBuffer) {
      if (isLoud(data, OUR_VOICE)) this.heardUs = Date.now();
      this.sound.play(data);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "started") this.started(message.hears);
    else if (message.type === "flush") this.sound.flush();
    else if (message.type === "refused") this.end(message.reason);
    else if (message.type === "ended") this.end(...(message.next === "people" ? [PEOPLE, "people"] : [WORDS.over]));
  }

  started(hears) {
    this.hears = hears && Boolean(this.stream);
    this.begun = Date.now();
    this.heardUs = this.begun;
  }

  press(key) {
    if (this.line?.readyState !== WebSocket.OPEN) return;
    this.line.send(JSON.stringify({ type: "key", key }));
    navigator.vibrate?.(20);
  }

  tick() {
    const now = Date.now();
    const seconds = Math.floor((now - this.begun) / 1000);
    page.time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.line.readyState !== WebSocket.OPEN) return;
    if (now - this.heardUs < LASTS) show("speaking");
    else if (this.hears && now - this.heardThem < LASTS) show("hearing");
    else show(this.hears ? "listening" : "keys");
  }

  mute() {
    this.muted = !this.muted;
    page.mute.setAttribute("aria-pressed", String(this.muted));
  }

  hangUp() {
    if (this.line?.readyState === WebSocket.OPEN) this.line.send(JSON.stringify({ type: "hang_up" }));
    this.sound?.flush();
    this.end(WORDS.over);
  }

  end(words, state = "over") {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.clock);
    if (this.line) {
      this.line.onclose = this.line.onmessage = null;
      this.line.close();
    }
    setTimeout(() => this.sound?.close(), 700); // the last word is still in the earpiece
    this.awake?.release();
    call = null;
    show(state, words);
    page.start.querySelector("span").textContent = "再打一次";
    offer("start");
    (state === "people" ? page.chat : page.start).focus();
  }
}

async function start(withMicrophone) {
  if (call) return;
  note("");
  let stream = null;
  if (withMicrophone) {
    show("asking");
    try {
      stream = await microphone();
    } catch (problem) {
      note(problem.message);
      show("ready", "没有麦克风");
      offer("start", "silent");
      return;
    }
  }
  call = new Call(stream);
  const mine = call;
  try {
    await mine.begin();
  } catch (problem) {
    mine.end("这个浏览器不能通话，请换一个浏览器，或者用文字对话。");
  }
}

page.start.addEventListener("click", () => start(true));
page.silent.addEventListener("click", () => start(false));
page.mute.addEventListener("click", () => call?.mute());
page.stop.addEventListener("click", () => call?.hangUp());
page.keys.addEventListener("click", (event) => {
  const key = event.target.closest("[data-press]");
  if (key) call?.press(key.dataset.press);
});
document.addEventListener("keydown", (event) => {
  const key = !event.ctrlKey && !event.metaKey && !event.altKey && document.querySelector(`[data-press="${CSS.escape(event.key)}"]`);
  if (!key || !call || event.repeat) return;
  key.classList.add("is-down");
  setTimeout(() => key.classList.remove("is-down"), 150);
  call.press(event.key);
});
addEventListener("pagehide", () => call?.hangUp());
