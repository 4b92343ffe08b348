/* 长辈模式 before the first paint: ?elder=1 or 0 decides and is kept, otherwise what was chosen here before. */
(function () {
  "use strict";
  var root = document.documentElement;
  var asked = /[?&]elder=([01])/.exec(location.search);
  var on = root.hasAttribute("data-elder");
  try {
    if (asked) localStorage.setItem("huiyin-elder", asked[1]);
    on = localStorage.getItem("huiyin-elder") === "1";
  } catch (error) {
    /* storage is switched off: the address decides */
  }
  root.toggleAttribute("data-elder", on);
})();
