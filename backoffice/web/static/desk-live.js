/* Live: the server says that something is new, the page fetches what it misses. Nothing that somebody is typing in,
   reading or about to press is ever replaced under their hands. */
(function () {
  "use strict";

  var desk = window.huiyinDesk;
  var source = null;
  var streaming = null;
  var typingTimer = 0;
  var telephone = null;
  var atTelephone;

  function listBody() {
    return document.getElementById("desk-list-body");
  }

  function refreshList() {
    window.htmx.ajax("GET", "/staff/desk/list?current=" + desk.conversation(), {
      target: "#desk-list",
      swap: "morph:innerHTML",
    });
  }

  function refreshState() {
    var id = desk.conversation();
    if (id) window.htmx.ajax("GET", "/staff/desk/" + id + "/state", { target: "#talk-state", swap: "outerHTML" });
  }

  /* The composer follows the owner: what is written stays, only whether it can be sent changes. */
  function fitComposer() {
    var state = document.getElementById("talk-state");
    var composer = document.getElementById("composer");
    if (!state || !composer) return;
    var mine = state.dataset.group === "mine";
    var text = composer.querySelector("textarea");
    var fields = composer.querySelector("fieldset");
    fields.disabled = !mine || "unheard" in fields.dataset;
    text.placeholder = mine ? text.dataset.placeholderMine : text.dataset.placeholderElse;
  }

  function fitTitle() {
    var waiting = Number(listBody().dataset.waiting);
    var who = document.querySelector(".talk-title");
    document.title = (waiting ? "（" + waiting + "）" : "") + "会话" + (who ? " · " + who.textContent : "");
  }

  function waitingIds() {
    return Array.prototype.map.call(document.querySelectorAll("[data-waiting-list] [data-entry]"), function (entry) {
      return entry.dataset.entry;
    });
  }

  /* Says quietly that somebody new waits; the same people waiting on is no news. */
  function announce() {
    var now = waitingIds();
    var fresh = now.filter(function (id) {
      return waitingBefore.indexOf(id) < 0;
    });
    if (fresh.length) {
      document.getElementById("announce").textContent = "有新的会话在等待，现在共 " + now.length + " 个。";
    }
    if (fresh.length || now.length !== waitingBefore.length) {
      document.body.dispatchEvent(new CustomEvent("huiyin:counts"));
    }
    waitingBefore = now;
    fitTitle();
  }

  function onState(event) {
    var state = JSON.parse(event.data);
    onTelephone(state.telephone);
    if (listBody().dataset.fingerprint !== state.list) refreshList();
    var talk = desk.talk();
    if (!talk || state.seq === undefined) return;
    if (state.seq > desk.lastSeq()) desk.fetchMissing();
    var head = document.getElementById("talk-state");
    if (head && Number(head.dataset.epoch) !== state.epoch) refreshState();
  }

  /* One's own telephone: its conversation opens when it rings, before the first word; what one is writing to somebody
     else stays in view until one answers, and is kept. */
  function onTelephone(call) {
    atTelephone = call;
    fitThird(call);
    var told = call ? call.conversation + call.talks : "";
    if (told === telephone) return;
    var chosen = telephone === null && desk.conversation(); /* the page has just been opened, and for another talk */
    telephone = told;
    if (!call || desk.conversation() === call.conversation) return;
    var address = "/staff/desk/" + call.conversation;
    var reply = document.getElementById("reply");
    if (chosen || (!call.talks && reply && reply.value)) {
      window.huiyin.toast("您的分机有来电。", { href: address, text: "打开来电的会话" });
      return;
    }
    document.getElementById("announce").textContent = "您的分机有来电，会话已经打开。";
    window.htmx.ajax("GET", address, { target: "#desk-panes", swap: "innerHTML", push: "true" });
  }

  /* Who is in the call one is talking in stands at the head of its conversation, as long as one talks. */
  function fitThird(call) {
    var shown = document.getElementById("third");
    var talks = call && call.talks && call.conversation === desk.conversation();
    if (talks ? !shown || shown.dataset.told !== call.third : shown) refreshState();
  }

  function onTyping() {
    var line = document.getElementById("typing");
    if (!line) return;
    line.hidden = false;
    clearTimeout(typingTimer);
    typingTimer = setTimeout(function () {
      line.hidden = true;
    }, 4000);
  }

  function open() {
    var id = desk.conversation();
    if (source && streaming === id) return;
    if (source) source.close();
    streaming = id;
    source = new EventSource("/staff/desk/events" + (id ? "?conversation=" + id : ""));
    source.addEventListener("state", onState);
    source.addEventListener("typing", onTyping);
    source.addEventListener("signed-out", function () {
      source.close();
      source = null;
      window.huiyin.signInAgain();
    });
  }

  var waitingBefore = waitingIds();

  document.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target.id;
    if (target === "desk-list") {
      announce();
    }
    if (target === "desk-panes") {
      markCurrent();
      fitTitle();
      fitThird(atTelephone); /* what a button brought may be older than what was told meanwhile */
      open();
    }
    fitComposer();
  });

  function markCurrent() {
    var id = desk.conversation();
    document.querySelectorAll("[data-entry]").forEach(function (entry) {
      if (entry.dataset.entry === id) entry.setAttribute("aria-current", "true");
      else entry.removeAttribute("aria-current");
    });
  }

  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && source && source.readyState === EventSource.CLOSED) {
      source = null;
      open();
    }
  });

  setInterval(refreshList, 60000); /* who is on duty changes without a signal */
  fitComposer();
  open();
})();
