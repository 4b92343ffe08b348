/* The open conversation: new messages are added below by sequence number, none twice, none missed; whoever has
   scrolled up to read stays where they are. */
(function () {
  "use strict";

  var desk = (window.huiyinDesk = {});
  var NEAR = 80;

  desk.talk = function () {
    return document.getElementById("talk");
  };

  desk.conversation = function () {
    var talk = desk.talk();
    return talk ? talk.dataset.conversation : "";
  };

  desk.lastSeq = function () {
    var last = 0;
    document.querySelectorAll("#log [data-seq]").forEach(function (item) {
      last = Math.max(last, Number(item.dataset.seq));
    });
    return last;
  };

  function box() {
    return document.getElementById("log-box");
  }

  function atNewest() {
    var it = box();
    return it.scrollHeight - it.scrollTop - it.clientHeight < NEAR;
  }

  desk.toNewest = function () {
    var it = box();
    if (it) it.scrollTop = it.scrollHeight;
    var button = document.getElementById("to-newest");
    if (button) button.hidden = true;
  };

  /* Fetches what is missing; a second call while one runs makes it run once more. */
  var fetching = false;
  var again = false;

  desk.fetchMissing = function () {
    var id = desk.conversation();
    if (!id) return;
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    fetch("/staff/desk/" + id + "/messages?after=" + desk.lastSeq(), { headers: { "HX-Request": "true" } })
      .then(function (response) {
        if (response.status === 401) window.huiyin.signInAgain();
        return response.ok ? response.text() : "";
      })
      .then(function (html) {
        if (html && desk.conversation() === id) add(html);
      })
      .catch(function () {
        /* the stream tells us again when the network is back */
      })
      .finally(function () {
        fetching = false;
        if (again) {
          again = false;
          desk.fetchMissing();
        }
      });
  };

  function add(html) {
    var log = document.getElementById("log");
    var stay = !atNewest();
    var known = desk.lastSeq();
    var fresh = new DOMParser().parseFromString("<ol>" + html + "</ol>", "text/html").querySelectorAll("li[data-seq]");
    var added = 0;
    var fromCitizen = false;
    fresh.forEach(function (item) {
      if (Number(item.dataset.seq) <= known) return;
      log.appendChild(document.importNode(item, true));
      added += 1;
      fromCitizen = fromCitizen || item.classList.contains("msg-citizen");
    });
    if (!added) return;
    if (fromCitizen) document.getElementById("typing").hidden = true;
    if (stay) document.getElementById("to-newest").hidden = false;
    else desk.toNewest();
  }

  /* ---- waiting times count on ------------------------------------------------------------------------------------ */

  function words(milliseconds) {
    var minutes = Math.max(0, Math.floor(milliseconds / 60000));
    var parts = [
      [Math.floor(minutes / 1440), "天"],
      [Math.floor(minutes / 60) % 24, "小时"],
      [minutes % 60, "分钟"],
    ];
    while (parts.length && !parts[0][0]) parts.shift();
    var said = parts.slice(0, 2).filter(function (part) {
      return part[0];
    });
    if (!said.length) return "不到 1 分钟";
    return said
      .map(function (part) {
        return part[0] + " " + part[1];
      })
      .join(" ");
  }

  setInterval(function () {
    document.querySelectorAll("time[data-since]").forEach(function (time) {
      var said = words(Date.now() - Date.parse(time.dataset.since));
      if (time.textContent !== said) time.textContent = said;
    });
  }, 15000);

  function opened() {
    document.getElementById("desk").classList.toggle("desk-open", Boolean(desk.talk()));
    if (!desk.talk()) return;
    desk.toNewest();
    box().addEventListener("scroll", function () {
      if (atNewest()) document.getElementById("to-newest").hidden = true;
    });
    document.getElementById("to-newest").addEventListener("click", desk.toNewest);
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id === "desk-panes") opened();
  });
  opened();
})();
