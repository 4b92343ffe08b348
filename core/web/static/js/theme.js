/* Light or dark, before the first paint: what the person chose here, otherwise what their device says. */
(function () {
  "use strict";
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("huiyin-theme");
    } catch (error) {
      return null; // storage is switched off: the device decides
    }
  }

  function apply() {
    root.setAttribute("data-bs-theme", chosen() || (dark.matches ? "dark" : "light"));
  }

  apply();
  if (dark.addEventListener) dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);

  /* Any element with data-theme-switch turns it over. */
  document.addEventListener("click", function (event) {
    if (!event.target.closest || !event.target.closest("[data-theme-switch]")) return;
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("huiyin-theme", next);
    } catch (error) {
      /* not kept for next time, still shown now */
    }
    root.setAttribute("data-bs-theme", next);
  });
})();
