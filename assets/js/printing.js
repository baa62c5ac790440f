/* On paper: what folds is open, figures are as wide as the sheet, and all of it is as in the light theme. */
(function () {
  "use strict";

  // Of an A4 sheet within its margins, in pixels of CSS.
  var sheet = 670;
  // The colours that figures are drawn with (dash_app/shell/theme.py), by their names in 01-tokens.css.
  var tokens = ["surface", "sunken", "line", "line-strong", "ink", "ink-muted", "for", "for-soft", "against"];
  tokens.push("against-soft", "data", "data-soft", "second");
  var restore = [];

  function palette() {
    var style = getComputedStyle(document.documentElement);
    return tokens.map(function (name) {
      return style.getPropertyValue("--" + name).trim().toLowerCase();
    });
  }

  // Of a figure, written as JSON.
  function recoloured(part, before, after) {
    var text = JSON.stringify(part).replace(/"#[0-9a-f]{6}"/gi, function (colour) {
      var place = before.indexOf(colour.slice(1, -1).toLowerCase());
      return place < 0 ? colour : JSON.stringify(after[place]);
    });
    return JSON.parse(text);
  }

  window.addEventListener("beforeprint", function () {
    var page = document.querySelector(".model");
    if (!page || restore.length) return;
    var html = document.documentElement;
    var theme = html.dataset.bsTheme;
    var before = palette();
    html.dataset.bsTheme = "light";
    var after = palette();
    restore.push(function () {
      html.dataset.bsTheme = theme;
    });
    page.querySelectorAll("details:not([open])").forEach(function (folded) {
      folded.open = true;
      restore.push(function () {
        folded.open = false;
      });
    });
    page.querySelectorAll(".js-plotly-plot").forEach(function (figure) {
      var data = figure.data;
      var layout = figure.layout;
      var printed = Object.assign(recoloured(layout, before, after), { width: sheet, autosize: false });
      window.Plotly.react(figure, recoloured(data, before, after), printed);
      restore.push(function () {
        window.Plotly.react(figure, data, Object.assign(layout, { width: undefined, autosize: true }));
      });
    });
  });

  window.addEventListener("afterprint", function () {
    restore.splice(0).forEach(function (undo) {
      undo();
    });
  });
})();
