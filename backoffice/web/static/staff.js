/* What every staff page does by itself: no double submits, no lost drafts, errors said in words, questions before
   dangerous acts. Pages work without it; it only makes them kinder. */
(function () {
  "use strict";

  var huiyin = (window.huiyin = window.huiyin || {});

  /* ---- lines in the corner ------------------------------------------------------------------------------- */

  huiyin.toast = function (text, link) {
    var box = document.getElementById("toasts");
    if (!box) return;
    Array.prototype.forEach.call(box.children, function (old) {
      if (old.dataset.text === text) old.remove();
    });
    var line = document.createElement("div");
    line.className = "toast-line";
    line.dataset.text = text;
    var words = document.createElement("span");
    words.textContent = text + " ";
    if (link) {
      var anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      words.appendChild(anchor);
    }
    var close = document.createElement("button");
    close.type = "button";
    close.textContent = "知道了";
    close.addEventListener("click", function () {
      line.remove();
    });
    line.append(words, close);
    box.appendChild(line);
  };

  huiyin.signInAgain = function () {
    var next = encodeURIComponent(location.pathname + location.search);
    huiyin.toast("登录已经过期，没写完的内容都还在。", { href: "/staff/sign-in?next=" + next, text: "重新登录" });
  };

  huiyin.reasonOf = function (xhr) {
    try {
      return JSON.parse(xhr.responseText).reason;
    } catch (error) {
      return "没有成功，请再试一次。";
    }
  };

  /* ---- whether somebody is at it: what a page asks by itself does not keep a session alive -------------------- */

  var active = false;
  ["pointerdown", "keydown", "wheel"].forEach(function (kind) {
    document.addEventListener(
      kind,
      function () {
        active = true;
      },
      { passive: true, capture: true }
    );
  });

  document.addEventListener("htmx:configRequest", function (event) {
    if (active) event.detail.headers["X-Huiyin-Active"] = "1";
    active = false;
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var kind = event.detail.xhr.getResponseHeader("content-type") || "";
    if (kind.indexOf("application/json") === 0) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:responseError", function (event) {
    var xhr = event.detail.xhr;
    if (event.detail.elt.closest && event.detail.elt.closest("[data-own-errors]") && xhr.status !== 401) return;
    if (xhr.status === 401) huiyin.signInAgain();
    else if ((xhr.getResponseHeader("content-type") || "").indexOf("application/json") === 0) {
      huiyin.toast(huiyin.reasonOf(xhr));
    }
  });

  document.addEventListener("htmx:sendError", function (event) {
    var kind = event.detail.requestConfig ? event.detail.requestConfig.verb : "get";
    if (kind !== "get") huiyin.toast("网络不通，没有发出去。内容还在，请再试一次。");
  });

  /* ---- drafts: what is typed stays in this tab until it is sent ---------------------------------------------- */

  function draftKey(form) {
    return "draft:" + form.dataset.draft;
  }

  function draftOf(form) {
    var words = {};
    form.querySelectorAll("textarea[name], input[type=text][name]").forEach(function (field) {
      if (field.value) words[field.name] = field.value;
    });
    return words;
  }

  huiyin.saveDraft = function (form) {
    var words = draftOf(form);
    if (Object.keys(words).length) sessionStorage.setItem(draftKey(form), JSON.stringify(words));
    else sessionStorage.removeItem(draftKey(form));
  };

  huiyin.dropDraft = function (form) {
    sessionStorage.removeItem(draftKey(form));
  };

  huiyin.restoreDrafts = function (root) {
    root.querySelectorAll("form[data-draft]").forEach(function (form) {
      var words = JSON.parse(sessionStorage.getItem(draftKey(form)) || "{}");
      Object.keys(words).forEach(function (name) {
        var field = form.elements[name];
        if (field && !field.value) field.value = words[name];
      });
    });
  };

  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.dataset.draft) huiyin.saveDraft(form);
  });

  /* ---- forms --------------------------------------------------------------------------------------------------- */

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-forget-drafts")) {
      Object.keys(sessionStorage).forEach(function (key) {
        if (key.indexOf("draft:") === 0) sessionStorage.removeItem(key);
      });
    }
    if (form.dataset.confirm && !form.hasAttribute("hx-post") && !form.dataset.confirmed) {
      event.preventDefault();
      huiyin.ask(form.dataset.confirm, form.dataset.confirmYes, function () {
        form.dataset.confirmed = "1";
        form.requestSubmit();
      });
      return;
    }
    if (form.hasAttribute("data-once")) {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      form.querySelectorAll("button[type=submit]").forEach(function (button) {
        button.setAttribute("aria-busy", "true");
      });
    }
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-once]").forEach(function (form) {
      delete form.dataset.sent;
    });
  });

  document.addEventListener("htmx:confirm", function (event) {
    var form = event.detail.elt;
    if (!form.dataset || !form.dataset.confirm) return;
    event.preventDefault();
    huiyin.ask(form.dataset.confirm, form.dataset.confirmYes, function () {
      event.detail.issueRequest(true);
    });
  });

  /* A question with its consequence written out; Enter does not press the dangerous button by accident. */
  huiyin.ask = function (words, yes, act) {
    var dialog = document.createElement("dialog");
    dialog.className = "ask";
    var text = document.createElement("p");
    text.textContent = words;
    var buttons = document.createElement("div");
    buttons.className = "ask-buttons";
    var no = document.createElement("button");
    no.className = "btn";
    no.type = "button";
    no.textContent = "取消";
    var ok = document.createElement("button");
    ok.className = "btn btn-primary";
    ok.type = "button";
    ok.textContent = yes || "确定";
    no.addEventListener("click", function () {
      dialog.close();
    });
    ok.addEventListener("click", function () {
      dialog.close();
      act();
    });
    dialog.addEventListener("close", function () {
      dialog.remove();
    });
    buttons.append(no, ok);
    dialog.append(text, buttons);
    document.body.appendChild(dialog);
    dialog.showModal();
    no.focus();
  };

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-reveal]");
    if (button) {
      var field = document.getElementById(button.dataset.reveal);
      var shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", shown ? "false" : "true");
    }
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  huiyin.restoreDrafts(document);
  document.addEventListener("htmx:afterSwap", function (event) {
    huiyin.restoreDrafts(event.detail.target);
  });
})();
