/* The chat page: puts line, talk and input together. */

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { el, newId } from "./dom.js";
import { forget } from "./drafts.js";
import { extras } from "./extras.js";
import { PhotoSender } from "./photos.js";
import { elderSwitch, menu } from "./settings.js";
import { Timeline } from "./timeline.js";

const BOT_PATIENCE = 12000;
const PERSON_PATIENCE = 5000;
const READ_AFTER = 3000;
const OFFLINE_AFTER = 1500;
const STANDING_CHIPS = [{ title: "转人工" }, { title: "查办理进度" }];

const state = { owner: "bot", on_duty: null, known: false };
const title = document.title;

const timeline = new Timeline({ say, again, onRead });
const connection = new Connection({ place: () => timeline.place, onFrame, onLine });
const photos = new PhotoSender(timeline, (ack) => timeline.stored(ack.id, ack.conversation, ack.seq));
const composer = new Composer({ onSay: (text) => say(text), onTyping: () => connection.typing() });

// ------------------------------------------------------------------------------------------------- saying

/** `about`: {conversation, seq} of the answer that is judged. */
function say(text, about) {
  const message = { id: newId(), text, about, at: new Date().toISOString() };
  offer(null);
  timeline.sending(message);
  connection.say(message);
  if (!document.getElementById("banner").hidden) timeline.failed(message.id, null);
}

/** Once more, a message that was not taken. */
function again(id) {
  timeline.retrying(id);
  if (photos.has(id)) photos.send(id);
  else {
    const { text, about } = timeline.row(id);
    connection.say({ id, text, about, at: new Date().toISOString() });
  }
}

// ------------------------------------------------------------------------------------------------ hearing

function onFrame(frame) {
  const heed = { message: onMessage, ack: onAck, state: onState, typing: onTyping, error: onError }[frame.type];
  if (heed) heed(frame);
}

function onMessage(message) {
  const { conversation, seq } = timeline.place;
  if (conversation === message.conversation && message.seq > seq + 1) {
    connection.resume(); // one is missing in between: ask for everything from there
    return;
  }
  if (timeline.show(message)) offer(message.author === "citizen" ? null : message.quick_replies);
  document.getElementById("older").hidden = !timeline.mayHaveOlder();
}

function onAck(ack) {
  timeline.stored(ack.id, ack.conversation, ack.seq);
}

function onState(news) {
  if (!state.known) timeline.caughtUp(news.conversation, news.read);
  const changed = state.owner !== news.owner || state.on_duty !== news.on_duty;
  Object.assign(state, news, { known: true });
  showState(news);
  if (changed) {
    timeline.hush();
    if (!unattended(news) || standingOnly) offer(null); // what the bot offered is nothing to say to a person
  }
}

/** Waiting, but nobody is there to take it: the bot goes on. */
function unattended({ owner, on_duty: onDuty }) {
  return owner === "waiting" && onDuty === false;
}

function showState(news) {
  const { owner, agent, position } = news;
  const words = {
    bot: "机器人为您服务",
    waiting: position ? `排队第 ${position} 位` : "正在排队",
    person: agent ? `人工 ${agent} 为您服务` : "人工为您服务",
  };
  document.getElementById("state").dataset.owner = owner;
  document.getElementById("state-words").textContent = unattended(news) ? "人工不在线" : words[owner];
}

function onTyping() {
  timeline.writing(state.owner === "bot" ? BOT_PATIENCE : PERSON_PATIENCE);
}

function onError(problem) {
  if (problem.id) timeline.failed(problem.id, problem.reason, problem.code === "failed");
}

// ---------------------------------------------------------------------------------------------- the line

let offlineTimer = null;

function onLine(isUp) {
  const banner = document.getElementById("banner");
  clearTimeout(offlineTimer);
  if (!isUp) {
    offlineTimer = setTimeout(showOffline, OFFLINE_AFTER);
    return;
  }
  banner.hidden = true;
  connection.pending().forEach((message) => timeline.retrying(message.id));
}

function showOffline() {
  const banner = document.getElementById("banner");
  banner.textContent = "网络断开了，正在重新连接。您写的话会保留，连上后自动发出。";
  banner.hidden = false;
  connection.pending().forEach((message) => timeline.failed(message.id, null));
}

let readTimer = null;

function onRead({ conversation, seq }) {
  document.title = title;
  clearTimeout(readTimer);
  readTimer = setTimeout(() => connection.read(conversation, seq), READ_AFTER);
}

// -------------------------------------------------------------------------------------------- on the page

let standingOnly = true; // whether the words offered are not of the bot's last reply

/** Offers words to press; without any, the ones that always make sense to the bot. */
function offer(replies) {
  const standing = state.owner === "bot" ? STANDING_CHIPS : unattended(state) ? STANDING_CHIPS.slice(1) : [];
  standingOnly = !(replies && replies.length);
  const offered = standingOnly ? standing : replies;
  const chips = offered.map((reply) =>
    el("button", { class: "chip", type: "button", onclick: () => say(reply.text || reply.title) }, reply.title),
  );
  document.getElementById("chips").replaceChildren(...chips);
}

async function showOlder() {
  const button = document.getElementById("older");
  const { conversation, seq } = timeline.first;
  button.disabled = true;
  try {
    const answer = await fetch(`/api/chat/messages?conversation=${conversation}&before=${seq}`);
    const older = await answer.json();
    timeline.prepend(older.messages);
    button.hidden = !older.more;
  } catch (error) {
    button.textContent = "没有取到，点这里再试";
  }
  button.disabled = false;
}

async function leave() {
  if (!confirm("清空后，这台设备上看不到这次对话了。受理号和查询码请先记下。确定清空吗？")) return;
  forget();
  await fetch("/api/chat/leave", { method: "POST" });
  location.reload();
}

document.querySelectorAll("[data-say]").forEach((button) => {
  button.addEventListener("click", () => say(button.dataset.say));
});
document.getElementById("older").addEventListener("click", showOlder);
extras({ onPhoto: (file) => photos.choose(file), onPlace: (words) => composer.add(words), onProblem: (words) => timeline.line(words) });
document.getElementById("leave").addEventListener("click", leave);
elderSwitch(() => {
  composer.fit();
  timeline.toEnd();
});
menu();
offer(null);
connection.pending().forEach((message) => timeline.sending(message));
connection.start();
