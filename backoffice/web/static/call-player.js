// The recording of a call: plays, jumps, and lights up the words that are heard. An element of its own, so that it
// also wakes up in parts of a page that arrive later.
"use strict";

(() => {
  const STEP = 5;
  const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  };
  const timed = (element) => ({ element, from: +element.dataset.from / 1000, to: +element.dataset.to / 1000 });

  class CallPlayer extends HTMLElement {
    connectedCallback() {
      this.audio = this.querySelector("audio");
      if (!this.audio) return;
      this.lines = [...this.querySelectorAll(".player-line")].map(timed);
      this.words = [...this.querySelectorAll(".player-line p span")].map(timed);
      this.bar = this.querySelector(".player-bar");
      this.seek = this.querySelector(".player-seek");
      this.audio.controls = false;
      this.bar.hidden = false;
      this.classList.add("is-ready");
      this.leaving = new AbortController();
      const listen = (target, name, act) => target.addEventListener(name, act, { signal: this.leaving.signal });
      listen(this, "click", (event) => this.clicked(event));
      listen(this.seek, "input", () => this.go(+this.seek.value));
      listen(this.querySelector("[data-speed]"), "change", (event) => {
        this.audio.playbackRate = +event.target.value;
      });
      for (const name of ["play", "pause", "ended"]) listen(this.audio, name, () => this.turned());
      for (const name of ["timeupdate", "seeked"]) listen(this.audio, name, () => this.show());
      listen(this.audio, "loadedmetadata", () => this.measured());
      listen(this.audio, "error", () => {
        this.querySelector(".player-problem").hidden = false;
      });
      listen(document, "keydown", (event) => this.pressed(event));
    }

    disconnectedCallback() {
      this.leaving?.abort();
      this.audio?.pause();
    }

    get at() {
      return this.audio.currentTime;
    }

    measured() {
      if (!Number.isFinite(this.audio.duration)) return;
      this.seek.max = this.audio.duration;
      this.querySelector("[data-whole]").textContent = clock(this.audio.duration);
    }

    toggle() {
      if (this.audio.paused) this.play();
      else this.audio.pause();
    }

    play() {
      this.audio.play().catch(() => {}); // an error has an event of its own, a pause is none
    }

    go(seconds) {
      const end = Number.isFinite(this.audio.duration) ? this.audio.duration : +this.dataset.seconds;
      this.audio.currentTime = Math.max(0, Math.min(seconds, end));
      this.show();
    }

    clicked(event) {
      const button = event.target.closest("button");
      if (button?.hasAttribute("data-play")) this.toggle();
      else if (button?.dataset.jump) this.go(this.at + +button.dataset.jump);
      else {
        const line = button?.hasAttribute("data-to-line") ? button.closest(".player-line") : null;
        const place = line || event.target.closest(".player-line p span");
        if (!place) return;
        this.go(+place.dataset.from / 1000);
        this.play();
      }
    }

    pressed(event) {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !this.isMeant(event)) return;
      const deeds = {
        " ": () => this.toggle(),
        ArrowLeft: () => this.go(this.at - STEP),
        ArrowRight: () => this.go(this.at + STEP),
        ArrowUp: () => this.goLine(-1),
        ArrowDown: () => this.goLine(1),
      };
      const deed = deeds[event.key];
      if (!deed) return;
      event.preventDefault();
      deed();
    }

    /* Keys are ours when nothing else wants them, and there is but this player, or the focus is in it. */
    isMeant(event) {
      const own = this.contains(event.target);
      if (event.target.closest("input, select, textarea, button, summary, dialog, [contenteditable]")) return false;
      if (own) return true;
      const alone = document.querySelectorAll("call-player").length === 1 && !this.closest("details");
      return alone && !event.target.closest("a, [tabindex='0']");
    }

    goLine(step) {
      const now = this.lines.findLastIndex((line) => line.from <= this.at + 0.05);
      const wanted = this.lines[Math.max(0, Math.min(this.lines.length - 1, now + step))];
      if (wanted) this.go(wanted.from);
    }

    turned() {
      const playing = !this.audio.paused && !this.audio.ended;
      this.classList.toggle("is-playing", playing);
      this.querySelector("[data-play]").setAttribute("aria-label", playing ? "暂停" : "播放");
      cancelAnimationFrame(this.frame);
      const step = () => {
        this.show();
        this.frame = requestAnimationFrame(step);
      };
      if (playing) step();
      else this.show();
    }

    show() {
      const at = this.at;
      this.seek.value = at;
      this.seek.setAttribute("aria-valuetext", clock(at));
      this.querySelector("[data-now]").textContent = clock(at);
      const heard = (list) => list.findLast((one) => one.from <= at && at < one.to)?.element;
      this.light("word", heard(this.words));
      if (this.light("line", heard(this.lines)) && this.line) this.bring(this.line);
    }

    light(name, element) {
      if (this[name] === element) return false;
      this[name]?.classList.remove("is-now");
      element?.classList.add("is-now");
      this[name] = element;
      return true;
    }

    /* Scrolls the list, never the page. */
    bring(line) {
      const box = line.parentElement;
      if (line.offsetTop < box.scrollTop) box.scrollTop = line.offsetTop;
      const below = line.offsetTop + line.offsetHeight - box.clientHeight;
      if (below > box.scrollTop) box.scrollTop = below;
    }
  }

  customElements.define("call-player", CallPlayer);
})();
