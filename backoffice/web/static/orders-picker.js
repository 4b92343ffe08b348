/* A search box over a long list: type part of a name, another name, or the first letters of its pinyin. The list
   itself (<select>) stays underneath and is what the form sends. Many pickers of one page may share one list
   (<template>): each select then holds only what has been chosen in it. What was typed but not chosen is nothing, or,
   with data-typed-name, stands and is sent under that name: the server says that it is none of the list. */
(function () {
  "use strict";

  var MOST = 60;
  var HEAD = 60; /* what stays at the top of every page covers this much */
  var count = 0;

  function enhance(select) {
    if (select.dataset.enhanced) return;
    select.dataset.enhanced = "1";
    if (select.dataset.chosen) put(select, select.dataset.chosen);
    var focused = document.activeElement === select;
    var picker = build(select);
    listen(select, picker);
    picker.show();
    if (select.dataset.typed && !select.value) picker.input.value = select.dataset.typed;
    if (focused) picker.input.focus();
  }

  function optionsOf(select) {
    var shared = select.dataset.options && document.getElementById(select.dataset.options);
    return shared ? shared.content.querySelectorAll("option") : select.options;
  }

  function put(select, value) {
    select.value = value;
    if (select.value === value) return;
    var wanted = Array.prototype.find.call(optionsOf(select), function (option) {
      return option.value === value;
    });
    if (wanted) select.appendChild(wanted.cloneNode(true)).selected = true;
    else select.value = "";
  }

  function build(select) {
    count += 1;
    var box = document.createElement("div");
    box.className = "picker";
    var input = document.createElement("input");
    input.type = "text";
    input.className = "form-control" + (select.getAttribute("aria-invalid") ? " is-invalid" : "");
    input.id = select.id + "-search";
    if (select.dataset.typedName) input.name = select.dataset.typedName;
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

  /* Those called so themselves come before those found by another name or by what they are part of. */
  function matching(select, typed) {
    var words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    function has(text) {
      return words.every(function (word) {
        return text.toLowerCase().indexOf(word) >= 0;
      });
    }
    var found = Array.prototype.filter.call(optionsOf(select), function (option) {
      return option.value && has(option.textContent + " " + (option.dataset.keys || ""));
    });
    if (!words.length) return found;
    var named = found.filter(function (option) {
      return has(option.textContent);
    });
    var others = found.filter(function (option) {
      return !has(option.textContent);
    });
    return named.concat(others).slice(0, MOST);
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
      if (typed && option.dataset.above) {
        var above = document.createElement("span");
        above.className = "picker-above";
        above.textContent = option.dataset.above;
        line.append(" ", above);
      }
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
    var chosen = found.findIndex(function (option) {
      return option.value === select.value;
    });
    turn(picker);
    mark(picker, typed && found.length ? 0 : chosen);
  }

  /* Upwards where there is more room than below: the page does not grow, and nothing on it moves. */
  function turn(picker) {
    picker.list.classList.remove("picker-list-up");
    var box = picker.input.getBoundingClientRect();
    var bar = document.getElementById("navigation").getBoundingClientRect();
    var end = bar.top > box.bottom ? bar.top : window.innerHeight; /* on a phone it lies at the bottom */
    var below = end - box.bottom;
    if (below < picker.list.offsetHeight + 4 && box.top - HEAD > below) picker.list.classList.add("picker-list-up");
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
    show(picker.list, lines[picker.at]);
  }

  /* Within the list only: the page stays where it is. */
  function show(list, line) {
    var over = list.scrollTop - line.offsetTop;
    var under = line.offsetTop + line.offsetHeight - list.scrollTop - list.clientHeight;
    if (over > 0) list.scrollTop -= over;
    else if (under > 0) list.scrollTop += under > list.clientHeight ? under + list.clientHeight / 2 : under;
  }

  function choose(select, picker, value) {
    put(select, value);
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
      if (select.value || !input.name) picker.show(); /* what was typed but not chosen is nothing */
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
