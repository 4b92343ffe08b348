/* The desk's keys, and the box replies are written in. */
(function () {
  "use strict";

  var desk = window.huiyinDesk;

  /* ---- keys -------------------------------------------------------------------------------------------------- */

  function entries() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-entry]"));
  }

  function step(by) {
    var all = entries();
    if (!all.length) return;
    var at = all.indexOf(document.activeElement);
    if (at < 0) {
      at = all.findIndex(function (entry) {
        return entry.getAttribute("aria-current") === "true";
      });
    }
    var next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    all[next].focus();
  }

  function isTyping(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null;
  }

  var moves = {
    j: function () {
      step(1);
    },
    k: function () {
      step(-1);
    },
    r: function () {
      var reply = document.getElementById("reply");
      if (reply) reply.focus();
    },
  };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && document.querySelector(".context-open")) {
      showContext(false);
      return;
    }
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    var key = event.key.toLowerCase();
    var deed = document.querySelector('[data-key="' + (/^[a-z]$/.test(key) ? key : "none") + '"]');
    if (moves[key]) moves[key]();
    else if (deed) deed.click();
    else return;
    event.preventDefault();
  });

  /* ---- on narrow screens the citizen's pane lies over the conversation ------------------------------------------- */

  function showContext(shown) {
    var context = document.getElementById("context");
    context.classList.toggle("context-open", shown);
    (shown ? context.querySelector(".context-close") : document.querySelector(".talk-context")).focus();
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest(".talk-context")) {
      event.preventDefault();
      showContext(true);
    } else if (event.target.closest(".context-close")) {
      event.preventDefault();
      showContext(false);
    }
  });

  /* ---- the reply box ------------------------------------------------------------------------------------------- */

  var lastTyping = 0;

  function grow(text) {
    var style = getComputedStyle(text);
    text.rows = 2; /* rows, not a style: pages may not carry styles of their own */
    var space = text.scrollHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    text.rows = Math.max(2, Math.min(8, Math.round(space / parseFloat(style.lineHeight))));
  }

  function tellTyping() {
    if (Date.now() - lastTyping < 3000) return;
    lastTyping = Date.now();
    fetch("/staff/desk/" + desk.conversation() + "/typing", {
      method: "POST",
      headers: { "X-CSRF-Token": document.body.dataset.csrf, "HX-Request": "true" },
    }).catch(function () {
      /* a hint only */
    });
  }

  function fail(words) {
    var line = document.getElementById("composer-error");
    line.textContent = words;
    line.hidden = !words;
  }

  document.addEventListener("input", function (event) {
    if (event.target.id !== "reply") return;
    grow(event.target);
    if (event.target.value.trim()) tellTyping();
  });

  document.addEventListener("keydown", function (event) {
    /* Enter while an input method is composing chooses a word; it does not send */
    if (event.target.id !== "reply" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (event.keyCode === 229) return;
    event.preventDefault();
    if (event.target.value.trim()) event.target.form.requestSubmit();
  });

  var sending = null;

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt.id !== "composer") return;
    var text = document.getElementById("reply").value;
    if (sending !== null || !text.trim()) {
      event.preventDefault();
      return;
    }
    sending = text;
    fail("");
    event.detail.elt.querySelector("[type=submit]").setAttribute("aria-busy", "true");
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.detail.elt;
    if (form.id !== "composer") return;
    var text = form.querySelector("textarea");
    var sent = sending;
    sending = null;
    form.querySelector("[type=submit]").removeAttribute("aria-busy");
    if (!event.detail.successful) {
      fail(event.detail.xhr && event.detail.xhr.status ? window.huiyin.reasonOf(event.detail.xhr) : "网络不通，没有发出去。内容还在，请再试一次。");
      return;
    }
    if (text.value === sent) text.value = ""; /* what was typed since stays */
    form.querySelector("[data-fresh-key]").value = crypto.getRandomValues(new Uint32Array(3)).join("-");
    window.huiyin.saveDraft(form);
    grow(text);
    text.focus();
    desk.fetchMissing();
    desk.toNewest();
  });

  /* whether the conversation is one's own: the box to write in is ready then */
  function startWriting() {
    var state = document.getElementById("talk-state");
    var reply = document.getElementById("reply");
    if (!reply) return false;
    grow(reply);
    if (state.dataset.group !== "mine") return false;
    reply.focus();
    return true;
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id !== "desk-panes") return;
    sending = null;
    if (!startWriting()) document.getElementById("log-box").focus();
  });

  startWriting(); /* taken before the page had wired its form, the conversation came with the whole page */
})();
