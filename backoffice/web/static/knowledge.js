/* Pages of the knowledge base: n writes a new article, buttons that fill a field. Pages work without it. */
(function () {
  "use strict";

  var page = document.querySelector("[data-new]");

  document.addEventListener("keydown", function (event) {
    if (!page || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key.toLowerCase() !== "n" || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    event.preventDefault();
    location.href = page.dataset.new;
  });

  function changed(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", function (event) {
    var setter = event.target.closest("[data-set]");
    if (setter) {
      var field = document.getElementById(setter.dataset.set);
      field.value = setter.dataset.value;
      changed(field);
    }
    var adder = event.target.closest("[data-add-phrasing]");
    if (adder) {
      var phrasings = document.getElementById("variants");
      phrasings.value = (phrasings.value.trim() + "\n" + adder.dataset.addPhrasing).trim();
      changed(phrasings);
      adder.disabled = true;
      adder.querySelector("span").textContent = "已加";
    }
  });
})();
