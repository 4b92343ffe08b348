/* Cards: the structured part of a reply, as docs/cards.md defines them. */

import { copy, el, hidden, icon } from "./dom.js";
import { day, left, moment } from "./times.js";

/** The card of a message, or null when it has none we know. `say(text, about)`: the citizen answers by a button. */
export function cardOf(message, say) {
  const card = message.card;
  const draw = card && DRAWN[card.kind];
  return draw ? draw(card, say, message) : null;
}

/** Nobody presses the buttons of a card any more once the talk has gone on; what an answer was worth may be told later. */
export function retire(card) {
  card.querySelectorAll("[data-once]").forEach((button) => {
    button.disabled = true;
  });
}

const WAITED_FOR = ["已受理", "正在办理"];
const DRAWN = {
  answer,
  choices,
  summary,
  order,
  progress: order,
  danger,
  handoff,
};

// ------------------------------------------------------------------------------------------------ answer

function answer(card, say, message) {
  const about = { conversation: message.conversation, seq: message.seq }; // of several answers, which one is meant
  return shell(
    "answer",
    heading(card.title),
    paragraph("card-text", card.summary),
    fold("所需材料", list("ul", card.materials)),
    fold("办理步骤", list("ol", card.steps)),
    fold("费用和时限", facts([["费用", card.fee], ["时限", card.duration]])),
    fold("地点和时间", facts([["地点", card.place], ["时间", card.office_hours], ["电话", phone(card.phone)]])),
    link(card.link),
    el("p", { class: "card-source" }, sourceOf(card)),
    el(
      "div",
      { class: "card-pair" },
      once("有用", "thumb-up", () => say("有用", about)),
      once("没用", "thumb-down", () => say("没用", about)),
    ),
  );
}

function sourceOf(card) {
  const until = card.valid_to ? `有效期至${day(card.valid_to)}` : "长期有效";
  const from = card.valid_from ? `${day(card.valid_from)}起，` : "";
  return [card.department, card.source, from + until].filter(Boolean).join(" · ");
}

function link(address) {
  if (!/^https:\/\//.test(address || "")) return null;
  return el("a", { class: "card-link", href: address, target: "_blank", rel: "noopener noreferrer" }, "网上办理入口");
}

function phone(number) {
  if (!number) return null;
  return el("a", { href: `tel:${number.replace(/[^\d+]/g, "")}` }, number);
}

// ----------------------------------------------------------------------------------------------- choices

function choices(card, say) {
  const options = (card.options || []).map((option) =>
    el("li", {}, once(option.title, null, () => say(option.text || option.title), "choice")),
  );
  return shell("choices", card.title ? heading(card.title) : null, el("ul", { class: "choices" }, ...options));
}

// ----------------------------------------------------------------------------------------------- summary

function summary(card, say) {
  const rows = (card.fields || []).map(({ label, value }) =>
    el(
      "li",
      {},
      onceBare(
        "field",
        () => say(`修改${label}`),
        el("span", { class: "field-label" }, label),
        el("span", { class: "field-value" }, value),
        el("span", { class: "field-change" }, "修改"),
      ),
    ),
  );
  return shell(
    "summary",
    heading(card.title || "请您核对"),
    el("p", { class: "card-hint" }, "请核对。哪里不对，就点哪里修改。"),
    el("ul", { class: "fields" }, ...rows),
    el(
      "div",
      { class: "card-pair" },
      once("取消", null, () => say("取消")),
      once("确认提交", "check", () => say("确认"), "button-main"),
    ),
  );
}

// ----------------------------------------------------------------------------------------- order, progress

function order(card, _say, message) {
  const notice = card.query_code || card.kind === "progress" ? null : message.text.split("\n")[0];
  return shell(
    "order",
    notice ? paragraph("card-text", notice) : heading(card.heading || (card.kind === "progress" ? "办理进度" : "您的诉求已登记")),
    number(card),
    card.query_code ? paragraph("card-hint", "请记下这两个号码，查进度、催办都用得到。") : null,
    facts([
      ["事项", card.title],
      ["状态", card.status && el("span", { class: "status" }, card.status)],
      ["承办单位", card.department],
      ["登记时间", card.created_at && moment(card.created_at)],
      ["答复期限", term(card)],
    ]),
    reply(card.answer),
    timeline(card.timeline),
    el("a", { class: "button", href: `/progress?number=${encodeURIComponent(card.number)}` }, "查看办理进度"),
  );
}

/** By when an answer is promised and how long that is; nothing once there is nothing to wait for. */
function term({ due, status, answer: given }) {
  if (!due || given || !WAITED_FOR.includes(status)) return null;
  return el("span", {}, `${moment(due)} 前，`, el("strong", {}, left(due)));
}

function number(card) {
  const code = card.query_code;
  const copied = el("span", { role: "status" });
  const words = code ? `受理号 ${card.number}，查询码 ${code}` : card.number;
  const button = el(
    "button",
    {
      class: "button button-small",
      type: "button",
      onclick: async () => {
        copied.textContent = (await copy(words)) ? "已复制" : "复制不了，请抄下来";
      },
    },
    icon("copy"),
    code ? "复制受理号和查询码" : "复制受理号",
  );
  return el(
    "div",
    { class: "number" },
    el("span", { class: "number-label" }, "受理号"),
    el("strong", { class: "number-digits tabular" }, card.number),
    code ? el("span", { class: "number-label" }, "查询码") : null,
    code ? el("strong", { class: "number-code tabular" }, code) : null,
    el("span", { class: "number-copy" }, button, copied),
  );
}

function reply(given) {
  if (!given) return null;
  const handled = given.handled_on && day(given.handled_on);
  return el(
    "div",
    { class: "reply" },
    el("h3", { class: "reply-title" }, "部门答复"),
    facts([["办理单位", given.unit], ["办理时间", handled], ["办理情况", given.situation], ["办理结果", given.result]]),
  );
}

function timeline(steps) {
  if (!steps || !steps.length) return null;
  const rows = steps.map(({ at, what }) =>
    el("li", {}, el("time", { datetime: at }, moment(at)), el("span", {}, what)),
  );
  return el("ol", { class: "timeline" }, ...rows);
}

// ------------------------------------------------------------------------------------------ danger, handoff

function danger(card) {
  const calls = (card.calls || []).map(({ number: called, label }) =>
    el(
      "a",
      { class: "call", href: `tel:${String(called).replace(/\D/g, "")}` },
      icon("phone"),
      el("strong", { class: "tabular" }, called),
      el("span", {}, label),
    ),
  );
  return shell(
    "danger",
    el("h2", { class: "card-title" }, icon("alert-triangle"), card.title || "请马上打电话"),
    ...calls,
    list("ul", card.advice),
  );
}

function handoff(card, _say, message) {
  const place = card.position ? `您排在第 ${card.position} 位` : null;
  return shell("handoff", el("h2", { class: "card-title" }, icon("headset"), place || (card.on_duty ? "正在转接人工" : "已为您记下")), paragraph("card-text", message.text));
}

// ------------------------------------------------------------------------------------------------- parts

function shell(kind, ...parts) {
  return el("div", { class: `card card-${kind}` }, ...parts.filter(Boolean));
}

function heading(words) {
  return el("h2", { class: "card-title" }, words);
}

function paragraph(name, words) {
  return words ? el("p", { class: name }, words) : null;
}

function fold(title, inside) {
  if (!inside) return null;
  const summaryLine = el("summary", {}, title, icon("chevron-down"));
  return el("details", { class: "fold" }, summaryLine, inside);
}

function list(kind, items) {
  if (!items || !items.length) return null;
  return el(kind, { class: "card-list" }, ...items.map((item) => el("li", {}, item)));
}

/** Rows of name and value; those without a value are left out. */
function facts(rows) {
  const said = rows.filter(([, value]) => value);
  if (!said.length) return null;
  return el("dl", { class: "facts" }, ...said.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

/** A button that can be pressed once: a second click in the same breath does nothing. */
function once(words, drawing, press, name = "") {
  return onceBare(`button ${name}`.trim(), press, drawing ? icon(drawing) : null, words);
}

function onceBare(name, press, ...inside) {
  const button = el("button", { class: name, type: "button", "data-once": true }, ...inside);
  button.addEventListener("click", () => {
    const card = button.closest(".card");
    if (button.disabled) return;
    button.setAttribute("aria-pressed", "true");
    button.append(hidden("，已选择"));
    retire(card);
    press();
  });
  return button;
}
