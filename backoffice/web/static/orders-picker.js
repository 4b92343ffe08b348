/* A search box over a long list: type part of a name, another name, or the first letters of its pinyin. The list
   itself (<select>) stays underneath and is what the form sends. */
(function () {
  "use strict";

  var MOST = 60;
  var count = 0;

  function enhance(select) {
    if (select.dataset.enhanced) return;
    select.dataset.enhanced = "1";
    takeOptions(select);
    var picker = build(select);
    listen(select, picker);
    picker.show();
  }

  /* Many pickers of one page share one list. */
  function takeOptions(select) {
    var shared = select.dataset.options && document.getElementById(select.dataset.options);
    if (!shared) return;
    select.appendChild(shared.content.cloneNode(true));
    if (select.dataset.chosen) select.value = select.dataset.chosen;
  }

  function build(select) {
    count += 1;
    var box = document.createElement("div");
    box.className = "picker";
    var input = document.createElement("input");
    input.type = "text";
    input.className = "form-control" + (select.getAttribute("aria-invalid") ? " is-invalid" : "");
    input.id = select.id + "-search";
    input.placeholder = select.dataset.placeholder || "";
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", "picker-" + count);
    ["aria-invalid", "aria-describedby"].forEach(function (name) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    var list = document.createElement("ul");
    list.className = "picker-list";
    list.id = "picker-" + count;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    var label = document.querySelector('label[for="' + select.id + '"]');
    if (label) {
      label.htmlFor = input.id;
      list.setAttribute("aria-label", label.textContent.trim());
    }
    select.hidden = true;
    select.parentNode.insertBefore(box, select);
    box.append(input, list, select);
    return { box: box, input: input, list: list, at: -1, show: function () { input.value = labelOf(select); } };
  }

  function labelOf(select) {
    return select.value ? select.selectedOptions[0].textContent.trim() : "";
  }

  function matching(select, typed) {
    var words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return Array.prototype.filter
      .call(select.options, function (option) {
        if (!option.value) return false;
        var text = (option.textContent + " " + (option.dataset.keys || "")).toLowerCase();
        return words.every(function (word) {
          return text.indexOf(word) >= 0;
        });
      })
      .slice(0, MOST);
  }

  function open(select, picker, typed) {
    var found = matching(select, typed);
    picker.list.replaceChildren();
    found.forEach(function (option, place) {
      var line = document.createElement("li");
      line.id = picker.list.id + "-" + place;
      line.setAttribute("role", "option");
      line.dataset.value = option.value;
      line.textContent = typed ? option.textContent.trim() : option.textContent;
      picker.list.appendChild(line);
    });
    if (!found.length) {
      var none = document.createElement("li");
      none.className = "picker-none";
      none.textContent = "没有找到“" + typed + "”，换个名称试试。";
      picker.list.appendChild(none);
    }
    picker.list.hidden = false;
    picker.input.setAttribute("aria-expanded", "true");
    mark(picker, typed && found.length ? 0 : -1);
  }

  function close(picker) {
    picker.list.hidden = true;
    picker.at = -1;
    picker.input.setAttribute("aria-expanded", "false");
    picker.input.removeAttribute("aria-activedescendant");
  }

  function mark(picker, place) {
    var lines = picker.list.querySelectorAll("[role=option]");
    picker.at = Math.max(-1, Math.min(place, lines.length - 1));
    lines.forEach(function (line, position) {
      line.setAttribute("aria-selected", position === picker.at ? "true" : "false");
    });
    if (picker.at < 0) {
      picker.input.removeAttribute("aria-activedescendant");
      return;
    }
    picker.input.setAttribute("aria-activedescendant", lines[picker.at].id);
    lines[picker.at].scrollIntoView({ block: "nearest" });
  }

  function choose(select, picker, value) {
    select.value = value;
    picker.show();
    close(picker);
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function listen(select, picker) {
    var input = picker.input;
    input.addEventListener("focus", function () {
      input.select();
    });
    input.addEventListener("click", function () {
      if (picker.list.hidden) open(select, picker, "");
    });
    input.addEventListener("input", function (event) {
      event.stopPropagation(); /* half a word is no draft */
      open(select, picker, input.value.trim());
    });
    input.addEventListener("keydown", function (event) {
      onKey(event, select, picker);
    });
    input.addEventListener("blur", function () {
      if (!input.value.trim() && select.value) choose(select, picker, "");
      picker.show(); /* what was typed but not chosen is nothing */
      close(picker);
    });
    picker.list.addEventListener("mousedown", function (event) {
      event.preventDefault(); /* the box keeps the focus */
      var line = event.target.closest("[role=option]");
      if (line) choose(select, picker, line.dataset.value);
    });
    select.addEventListener("picker:show", picker.show);
  }

  function onKey(event, select, picker) {
    if (event.isComposing || event.keyCode === 229) return;
    var shut = picker.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (shut) open(select, picker, "");
      else mark(picker, picker.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !shut) {
      event.preventDefault();
      var line = picker.list.querySelectorAll("[role=option]")[Math.max(picker.at, 0)];
      if (line) choose(select, picker, line.dataset.value);
    } else if (event.key === "Escape" && !shut) {
      event.stopPropagation();
      picker.show();
      close(picker);
    }
  }

  function enhanceAll(root) {
    root.querySelectorAll("select[data-picker]").forEach(enhance);
  }

  enhanceAll(document);
  document.addEventListener("htmx:load", function (event) {
    enhanceAll(event.detail.elt);
  });
})();
