/* 常用语: found by a few characters, put where the cursor is, sent only by whoever reads it over. */
(function () {
  "use strict";

  function menu() {
    return document.getElementById("phrases");
  }

  function all() {
    return Array.prototype.slice.call(document.querySelectorAll("#phrases-box [data-phrase]"));
  }

  function shown() {
    return all().filter(function (phrase) {
      return !phrase.closest("li").hidden;
    });
  }

  function open() {
    var it = menu();
    if (!it || document.getElementById("reply").disabled) return false;
    it.open = true;
    var search = document.getElementById("phrase-search");
    if (search) search.focus();
    return true;
  }

  function put(words) {
    var reply = document.getElementById("reply");
    reply.setRangeText(words, reply.selectionStart, reply.selectionEnd, "end");
    reply.dispatchEvent(new Event("input", { bubbles: true }));
    menu().open = false;
    reply.focus();
  }

  function find(words) {
    all().forEach(function (phrase) {
      phrase.closest("li").hidden = phrase.textContent.indexOf(words) < 0;
    });
    document.querySelector(".phrases-none").hidden = shown().length > 0;
  }

  document.addEventListener("click", function (event) {
    var phrase = event.target.closest("[data-phrase]");
    if (phrase) put(phrase.textContent);
  });

  document.addEventListener("input", function (event) {
    if (event.target.id === "phrase-search") find(event.target.value.trim());
  });

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    var target = event.target;
    var may = target.id === "reply" ? target.value === "" : !target.closest("input, textarea, select, dialog");
    if (event.key === "/" && may && open()) event.preventDefault();
    if (target.id !== "phrase-search") return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (shown().length) put(shown()[0].textContent);
    } else if (event.key === "ArrowDown" && shown().length) {
      event.preventDefault();
      shown()[0].focus();
    } else if (event.key === "Escape") {
      menu().open = false;
      document.getElementById("reply").focus();
      event.stopPropagation();
    }
  });

  /* The box is fetched when it is opened, until it has come once; a key is often quicker than htmx takes in the pane,
     so the opening is heard here and not by an attribute. */
  document.addEventListener(
    "toggle",
    function (event) {
      var box = document.getElementById("phrases-box");
      if (event.target.id !== "phrases" || !event.target.open || !box.dataset.href) return;
      window.htmx.ajax("GET", box.dataset.href, { target: box, swap: "outerHTML" });
    },
    true
  );

  /* The cursor goes into it. */
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.elt.id !== "phrases-box" || !menu().open) return;
    var invalid = document.querySelector("#phrases-box .is-invalid");
    (invalid || document.getElementById("phrase-search")).focus();
  });
})();
