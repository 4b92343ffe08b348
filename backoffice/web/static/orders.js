/* Order pages: keys, ticks, copying, and the way back to the list. Pages work without it. */
(function () {
  "use strict";

  var page = document.querySelector("[data-keys]");

  /* ---- keys: j and k go through the rows, Enter opens (the row is a link), / searches, x ticks ------------------- */

  function isTyping(target) {
    return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select") !== null;
  }

  function step(by) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
    if (!rows.length) return;
    var at = rows.indexOf(document.activeElement);
    var next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function tickCurrent() {
    var row = document.activeElement.closest("tr");
    var tick = row && row.querySelector("input[name=number]");
    if (tick) tick.click();
  }

  /* A number picks what can be done: it opens the form, or goes to the button, which Enter then presses. */
  function pick(number) {
    var deed = document.querySelector('[data-deed="' + number + '"]');
    if (!deed) return;
    deed.focus();
    if (deed.tagName === "A") deed.click();
  }

  function leave() {
    var back = document.querySelector("[data-back-to-list]");
    if (back) back.click();
  }

  var moves = {
    sheet: { u: leave },
    list: {
      j: function () {
        step(1);
      },
      k: function () {
        step(-1);
      },
      x: tickCurrent,
      "/": function () {
        var search = document.getElementById("search");
        if (search) search.select();
      },
    },
  };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    var known = page && moves[page.dataset.keys];
    var move = known && known[event.key.toLowerCase()];
    if (page && page.dataset.keys === "sheet" && /^[1-9]$/.test(event.key)) move = pick.bind(null, event.key);
    if (!move) return;
    event.preventDefault();
    move();
  });

  /* ---- ticks ----------------------------------------------------------------------------------------------------- */

  function ticks() {
    return Array.prototype.slice.call(document.querySelectorAll("input[name=number][type=checkbox]"));
  }

  function showTicked() {
    var box = document.querySelector("[data-ticked]");
    if (!box) return;
    var all = ticks();
    var chosen = all.filter(function (tick) {
      return tick.checked;
    });
    box.hidden = !chosen.length;
    box.querySelector("[data-ticked-count]").textContent = chosen.length ? chosen.length + " 件" : "";
    var every = document.querySelector("[data-tick-all]");
    every.checked = chosen.length === all.length;
    every.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-tick-all]")) {
      ticks().forEach(function (tick) {
        tick.checked = event.target.checked;
      });
    }
    if (event.target.matches("[data-tick-all], input[name=number]")) showTicked();
  });

  showTicked();
  window.addEventListener("pageshow", showTicked);

  /* ---- the number, for pasting into other systems --------------------------------------------------------------- */

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    var say = window.huiyin.toast;
    if (!navigator.clipboard) {
      say("浏览器不让复制，请手工选中号码。");
      return;
    }
    navigator.clipboard.writeText(button.dataset.copy).then(
      function () {
        say("已复制 " + button.dataset.copy + "。");
      },
      function () {
        say("浏览器不让复制，请手工选中号码。");
      }
    );
  });

  /* ---- back to the list as it was left ---------------------------------------------------------------------------- */

  var LAST = "orders-list";
  if (page && page.dataset.keys === "list") sessionStorage.setItem(LAST, location.pathname + location.search);
  var back = document.querySelector("[data-back-to-list]");
  var last = sessionStorage.getItem(LAST);
  var lists = back && (back.dataset.backToList || "orders|todo");
  if (back && last && new RegExp("^/staff/(" + lists + ")(\\?|$)").test(last)) back.href = last;

  /* ---- what was sent needs no draft any more -------------------------------------------------------------------- */

  document.querySelectorAll("[data-drop-drafts]").forEach(function (mark) {
    Object.keys(sessionStorage).forEach(function (key) {
      if (key.indexOf("draft:" + mark.dataset.dropDrafts) === 0) sessionStorage.removeItem(key);
    });
  });

  /* ---- a form that has just been opened -------------------------------------------------------------------------- */

  document.addEventListener("htmx:load", function (event) {
    var opened = event.detail.elt;
    if (opened.id !== "deeds") return;
    window.huiyin.restoreDrafts(opened);
    var form = opened.querySelector(".deed");
    if (!form) return;
    opened.scrollIntoView({ block: "nearest" });
    var first = form.querySelector("input:checked, .is-invalid, textarea, .picker input, input.form-control, select");
    (first || form.querySelector("button")).focus({ preventScroll: true });
  });

  var form = document.querySelector("#deeds .deed");
  if (form) form.scrollIntoView({ block: "nearest" });

  var wrong = document.querySelector("[aria-invalid=true], .field-error");
  if (wrong) {
    wrong.scrollIntoView({ block: "center" });
    if (wrong.focus) wrong.focus({ preventScroll: true });
  }
})();
