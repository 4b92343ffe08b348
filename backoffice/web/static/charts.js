/* Charts: drawn from the table beside them, in the colours of the tokens. Without scripts the table says it all. */
(function () {
  "use strict";

  var drawn = [];

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  /* A row of the table: name, number, and where its number leads. */
  function rowsOf(table) {
    return Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      var link = row.querySelector("a");
      return {
        name: row.cells[0].textContent.trim(),
        value: Number(row.cells[1].textContent),
        href: link ? link.getAttribute("href") : null,
        colour: row.dataset.tone ? "color-" + row.dataset.tone : "color-accent",
      };
    });
  }

  function bars(rows) {
    var soft = { color: token("color-text-soft"), fontFamily: token("font"), fontSize: 12 };
    return {
      animation: false,
      textStyle: { fontFamily: token("font") },
      grid: { left: 8, right: 8, top: 24, bottom: 0, containLabel: true },
      xAxis: {
        type: "category",
        data: rows.map(function (row) {
          return row.name.replace(" ", "\n");
        }),
        axisLabel: Object.assign({ interval: 0, hideOverlap: true }, soft),
        axisLine: { lineStyle: { color: token("color-border-strong") } },
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: soft,
        splitLine: { lineStyle: { color: token("color-border") } },
      },
      series: [
        {
          type: "bar",
          barMaxWidth: 36,
          label: { show: true, position: "top", color: token("color-text"), fontWeight: 600 },
          data: rows.map(function (row) {
            return { value: row.value, itemStyle: { color: token(row.colour) }, label: { show: row.value > 0 } };
          }),
        },
      ],
    };
  }

  function begin(place) {
    var rows = rowsOf(place.querySelector("table"));
    var paper = document.createElement("div");
    paper.className = "chart";
    paper.setAttribute("aria-hidden", "true"); /* the table beside it is for who cannot see it */
    place.prepend(paper);
    var chart = window.echarts.init(paper);
    chart.on("click", function (bar) {
      var href = rows[bar.dataIndex].href;
      if (href) location.assign(href);
    });
    return function () {
      chart.resize();
      chart.setOption(bars(rows));
    };
  }

  function draw() {
    drawn.forEach(function (again) {
      again();
    });
  }

  if (!window.echarts) return;
  drawn = Array.prototype.map.call(document.querySelectorAll("[data-chart]"), begin);
  draw();
  window.addEventListener("resize", draw);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
