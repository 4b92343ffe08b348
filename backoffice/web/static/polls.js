/* The form of a poll: one more question, as long as there may be more. Without scripts every saving adds an empty one. */
(function () {
  "use strict";

  var questions = document.getElementById("questions");
  var more = document.getElementById("more-questions");
  if (!questions) return;

  function count() {
    return questions.querySelectorAll("fieldset").length;
  }

  function show() {
    more.hidden = count() >= Number(questions.dataset.most);
  }

  /* A copy of the last question, empty, with the next number in every name. */
  more.addEventListener("click", function () {
    var at = count();
    var fresh = questions.lastElementChild.cloneNode(true);
    fresh.querySelectorAll(".field-error").forEach(function (error) {
      error.remove();
    });
    fresh.querySelectorAll("input, textarea").forEach(function (field) {
      field.value = "";
      field.textContent = "";
      field.classList.remove("is-invalid");
      field.removeAttribute("aria-invalid");
    });
    ["id", "for", "name", "aria-describedby"].forEach(function (name) {
      fresh.querySelectorAll("[" + name + "]").forEach(function (part) {
        part.setAttribute(name, part.getAttribute(name).replace(/-\d+/, "-" + at));
      });
    });
    fresh.querySelector("[data-count]").textContent = at + 1;
    questions.appendChild(fresh);
    fresh.querySelector("input").focus();
    show();
  });

  show();
})();
