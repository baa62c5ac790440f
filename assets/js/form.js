/* What the form of the Scoring page has: a raw value for each field, in no language. Text becomes a value here, where it
   is typed, and nowhere else; the server, the sliders, the drafts and the officer's decision read the values. */
(function () {
  "use strict";

  // Long enough to type a number, short enough to feel live.
  var milliseconds = 250;
  var plain = /^[+-]?(\d+\.?\d*|\.\d+)$/;
  var kept = null;

  // Of the page on display: `values` by column, null until it is filled; `file`, those on file, from which a draft
  // differs; `exact`, by column which value a text was made of, which may be rounded; `terms`, the values whose ratios
  // an amount that is typed keeps: those before its first digit, which has none of its own.
  function page() {
    var root = document.querySelector(".scoring");
    if (!kept || kept.root !== root) {
      if (kept) window.clearTimeout(kept.telling);
      kept = { root: root, values: null, file: {}, exact: {}, terms: {} };
    }
    return kept;
  }

  // One text for equal values, in whichever order they came.
  function canon(values) {
    return values && JSON.stringify(values, Object.keys(values).sort().concat("reason", "typed"));
  }

  // NaN where the text is no number. A comma is the decimal sign in French, and only groups digits in English.
  function parse(text) {
    var digits = text.replace(/[\s\u00a0\u202f'’]/g, "").replace("−", "-").replace(/[€$£%]+$/, "");
    digits = digits.replace(/,/g, document.documentElement.lang === "fr" ? "." : "");
    return plain.test(digits) ? Number(digits) : NaN;
  }

  // The raw value of a field; what is no number stays as it was typed, to be corrected.
  function read(field, control) {
    var text = control.value.trim();
    if (!text) return null;
    var exact = page().exact[field.dataset.column];
    if (exact && exact.has(text)) return exact.get(text);
    if (control.tagName === "SELECT") return text;
    var number = parse(text);
    if (Number.isNaN(number)) return { typed: control.value };
    if (field.dataset.whole && !Number.isInteger(number)) return { typed: control.value, reason: "whole" };
    return field.dataset.days ? -Math.ceil(number * Number(field.dataset.days)) : number;
  }

  // Whether instalment and price follow the amount (`core.recourse.linked` says how).
  function isLinked() {
    var choice = document.getElementById("scoring-linked");
    return Boolean(choice && choice.checked);
  }

  function change(control) {
    var field = control.closest(".field");
    var now = page();
    if (!now.values) return;
    var values = Object.assign({}, now.values);
    values[field.dataset.column] = read(field, control);
    if (canon(values) === canon(now.values)) return;
    now.values = values;
    window.clearTimeout(now.telling);
    var amount = values.AMT_CREDIT;
    var leads = field.dataset.column === "AMT_CREDIT" && isLinked() && typeof amount === "number" && amount > 0;
    if (field.dataset.column !== "AMT_CREDIT" || !isLinked() || !now.terms.AMT_CREDIT) now.terms = values;
    var note = document.getElementById("scoring-linked-note");
    // What followed before is no longer all that is to be said.
    if (!leads && note && note.textContent) window.dash_clientside.set_props(note.id, { children: "" });
    now.telling = window.setTimeout(function () {
      var data = leads ? { values: now.terms, credit: amount } : values;
      window.dash_clientside.set_props(leads ? "scoring-linked-amount" : "scoring-form", { data: data });
    }, milliseconds);
  }

  // Before anybody else hears of it.
  ["input", "change"].forEach(function (kind) {
    document.addEventListener(
      kind,
      function (event) {
        if (event.target.matches(".scoring .form .field-control")) change(event.target);
      },
      true
    );
  });

  function remember(now, filled) {
    Object.keys(filled.texts).forEach(function (column) {
      var exact = (now.exact[column] = now.exact[column] || new Map());
      var text = filled.texts[column];
      var value = filled.values[column];
      if (text && typeof value !== "object" && !exact.has(text)) exact.set(text, value);
    });
  }

  window.workbench = Object.assign({}, window.workbench, {
    form: {
      canon: canon,
      values: function () {
        return page().values;
      },
      // The entries that are not as on file.
      changed: function () {
        var now = page();
        var found = {};
        Object.keys(now.values || {}).forEach(function (column) {
          var before = now.file[column] === undefined ? null : now.file[column];
          if (canon({ [column]: now.values[column] }) !== canon({ [column]: before })) found[column] = now.values[column];
        });
        return found;
      },
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    form: {
      // `filled`: the `values` of some fields, the `texts` that they show, and both of what is on `file` where that is told.
      fill: function (filled) {
        var none = window.dash_clientside.no_update;
        var outputs = window.dash_clientside.callback_context.outputs_list[0];
        if (!filled) return [outputs.map(function () { return none; }), none];
        var now = page();
        var asked = filled.asked || {};
        var isLate = Object.keys(asked).some(function (column) { return asked[column] !== now.values[column]; });
        if (isLate) return [outputs.map(function () { return none; }), none];
        window.clearTimeout(now.telling);
        now.values = Object.assign({}, now.values, filled.values);
        if (!filled.asked) now.terms = now.values;
        // Where both show the same text, it stands for what is on file.
        if (filled.file) {
          now.file = filled.file.values;
          remember(now, filled.file);
        }
        remember(now, filled);
        var texts = outputs.map(function (output) {
          return output.id.name in filled.texts ? filled.texts[output.id.name] : none;
        });
        return [texts, now.values];
      },
    },
  });
})();
