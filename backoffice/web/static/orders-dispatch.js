/* The dispatcher's desk: j and k go from order to order, 1–3 choose a department, 0 looks for another,
   c for another category, Enter sends. */
(function () {
  "use strict";

  function all() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-undecided]"));
  }

  function current() {
    return document.activeElement.closest("[data-undecided]");
  }

  function go(order) {
    order.focus({ preventScroll: true });
    order.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    var orders = all();
    if (!orders.length) return;
    var at = orders.indexOf(current());
    go(orders[at < 0 ? 0 : Math.min(orders.length - 1, Math.max(0, at + by))]);
  }

  function choose(order, place) {
    var radio = order.querySelectorAll("input[type=radio]")[place];
    if (radio) radio.click();
  }

  function look(order, name) {
    order.querySelector("select[name=" + name + "]").parentNode.querySelector("input").focus();
  }

  function send(order) {
    var form = order.querySelector("form");
    window.htmx.process(form); /* Enter may be quicker than htmx takes in a form just put there */
    form.requestSubmit();
  }

  function press(key) {
    if (key === "j" || key === "k") {
      step(key === "j" ? 1 : -1);
      return true;
    }
    var order = current();
    if (!order) return false;
    if (/^[1-3]$/.test(key)) choose(order, Number(key) - 1);
    else if (key === "0") look(order, "other");
    else if (key === "c") look(order, "category");
    else if (key === "o") order.querySelector("[data-open]").click();
    else if (key === "enter") send(order);
    else return false;
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("a, button, textarea, select, input:not([type=radio])")) return;
    if (press(event.key.toLowerCase())) event.preventDefault();
  });

  /* Another department found by searching takes the place of those proposed, and the other way round. */
  document.addEventListener("change", function (event) {
    var order = event.target.closest("[data-undecided]");
    if (!order) return;
    var other = order.querySelector("select[name=other]");
    if (event.target === other && other.value) {
      order.querySelectorAll("input[type=radio]").forEach(function (radio) {
        radio.checked = false;
      });
      go(order); /* Enter sends now */
    } else if (event.target.name === "category" && event.target.value) {
      go(order); /* the departments for it are on their way */
    } else if (event.target.type === "radio" && other.value) {
      other.value = "";
      other.dispatchEvent(new Event("picker:show"));
    }
    label(order);
  });

  function label(order) {
    var radio = order.querySelector("input[type=radio]:checked");
    var other = order.querySelector("select[name=other]");
    var name = other.value
      ? other.selectedOptions[0].textContent.trim()
      : radio
        ? radio.closest("label").querySelector(".choice-name").textContent
        : "";
    order.querySelector("[data-send-label]").textContent = name ? "派给" + name : "派单";
  }

  /* One order after the other: what was sent becomes a line, the next one is at hand. */
  function sentBy(event) {
    var elt = event.detail.elt;
    return elt.matches && elt.matches("form") ? elt.closest("[data-undecided]") : null;
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    var order = sentBy(event);
    if (!order) return;
    if (order.dataset.sending) {
      event.preventDefault();
      return;
    }
    order.dataset.sending = "1";
    order.querySelector("button[type=submit]").setAttribute("aria-busy", "true");
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    var order = sentBy(event);
    if (!order) return;
    delete order.dataset.sending;
    order.querySelector("button[type=submit]").removeAttribute("aria-busy");
    if (event.detail.successful) window.huiyin.dropDraft(event.detail.elt);
  });

  document.addEventListener("htmx:load", function (event) {
    var put = event.detail.elt;
    if (put.matches("[data-undecided]")) {
      window.huiyin.restoreDrafts(put);
      label(put);
      go(put);
    } else if (put.matches("[data-choices]")) {
      label(put.closest("[data-undecided]"));
    } else if (put.matches(".dispatched")) {
      var next = put.nextElementSibling;
      while (next && !next.matches("[data-undecided]")) next = next.nextElementSibling;
      next = next || all()[0];
      if (next) go(next);
      else document.querySelector(".dispatch-more").hidden = false;
      document.body.dispatchEvent(new CustomEvent("huiyin:counts"));
    }
  });

  all().forEach(label);
  var first = all()[0];
  if (first && !document.querySelector("[role=alert]")) first.focus({ preventScroll: true });
})();
