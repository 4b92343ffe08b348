/* What the citizen sets in the head of the page. */

/** 长辈模式 on and off, kept for next time. `onChange` after the sizes have changed. */
export function elderSwitch(onChange) {
  const root = document.documentElement;
  const button = document.getElementById("elder");
  const show = () => {
    button.textContent = root.hasAttribute("data-elder") ? "普通模式" : "长辈模式";
  };
  show();
  button.addEventListener("click", () => {
    const on = root.toggleAttribute("data-elder");
    try {
      localStorage.setItem("huiyin-elder", on ? "1" : "0");
    } catch (error) {
      /* not kept for next time, still shown now */
    }
    show();
    onChange();
  });
}

/** The menu closes when something else is touched, or by Escape. */
export function menu() {
  const details = document.getElementById("menu");
  document.addEventListener("click", (event) => {
    if (!details.contains(event.target) || event.target.closest("li")) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.querySelector("summary").focus();
  });
}
