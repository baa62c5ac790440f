/* What the form of the Scoring page has: a raw value for each field, in no language. Text becomes a value here, where it
   is typed, and nowhere else; the server, the sliders, the drafts and the officer's decision read the values. */
(function () {
  "use strict";

  // Long enough to type a number, short enough to feel live. A slider's first step is told at once; what follows within
  // this time is told when it rests or is let go, so that moving it asks for two decisions, not for one at each step.
  var milliseconds = 250;
  var plain = /^[+-]?(\d+\.?\d*|\.\d+)$/;
  var kept = null;

  // Of the page on display: `values` by column, null until it is filled; `file`, those on file, from which a draft
  // differs; `exact`, by column which value a text was made of, which may be rounded; `terms`, the values whose ratios
  // an amount that is typed keeps: those before its first digit, which has none of its own; `lead`, an amount that
  // others are to follow and that was not told yet; `sent`, the values when it was, until what follows is there;
  // `touched`, whether another field was changed meanwhile; `telling`, the timer of a change not told yet; `changed`, when
  // the last one came.
  function page() {
    var root = document.querySelector(".scoring");
    if (!kept || kept.root !== root) {
      if (kept) window.clearTimeout(kept.telling);
      kept = { root: root, values: null, file: {}, exact: {}, terms: {}, lead: null, sent: null, touched: false };
      Object.assign(kept, { telling: null, changed: -Infinity });
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

  function isAmount(value) {
    return typeof value === "number" && value > 0;
  }

  function saysNothing() {
    var note = document.getElementById("scoring-linked-note");
    if (note && note.textContent) window.dash_clientside.set_props(note.id, { children: "" });
  }

  function rest(now) {
    window.clearTimeout(now.telling);
    now.telling = null;
  }

  function tell(now) {
    rest(now);
    var lead = now.lead;
    now.lead = null;
    if (lead) now.sent = now.values;
    var data = lead ? { values: now.terms, credit: lead, held: now.values } : now.values;
    window.dash_clientside.set_props(lead ? "scoring-linked-amount" : "scoring-form", { data: data });
  }

  function change(event) {
    var control = event.target;
    var field = control.closest(".field");
    var now = page();
    if (!now.values) return;
    var column = field.dataset.column;
    var values = Object.assign({}, now.values);
    values[column] = read(field, control);
    if (canon(values) === canon(now.values)) return;
    var leads = column === "AMT_CREDIT" && isLinked() && isAmount(values[column]) && isAmount(now.terms.AMT_CREDIT);
    // What follows an amount is asked for before anything else changes, or it would be forgotten.
    if (column !== "AMT_CREDIT" && now.lead) tell(now);
    rest(now);
    now.values = values;
    if (column === "AMT_CREDIT") {
      now.lead = leads ? values[column] : null;
      if (!isLinked()) now.terms = values;
    } else if (now.sent) now.touched = true;
    else now.terms = values;
    // What followed before is no longer all that is to be said.
    if (!leads) saysNothing();
    var isFirstStep = event.detail === "slider" && event.timeStamp - now.changed > milliseconds;
    now.changed = event.timeStamp;
    if (isFirstStep) tell(now);
    else {
      now.telling = window.setTimeout(function () {
        tell(now);
      }, milliseconds);
    }
  }

  document.addEventListener("pointerup", function () {
    var now = page();
    if (now.telling !== null) tell(now);
  });

  // An amount that was typed where there was none has ratios once it is whole.
  document.addEventListener("focusin", function (event) {
    var field = event.target.closest(".scoring .form .field");
    var now = page();
    if (field && field.dataset.column === "AMT_CREDIT" && now.values && !isAmount(now.terms.AMT_CREDIT)) {
      now.terms = now.values;
    }
  });

  // Before anybody else hears of it.
  ["input", "change"].forEach(function (kind) {
    document.addEventListener(
      kind,
      function (event) {
        if (event.target.matches(".scoring .form .field-control")) change(event);
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

  // What follows an amount, but for the fields that were typed in since it was asked for.
  function withoutTyped(now, filled) {
    var left = { values: {}, texts: {}, asked: filled.asked, answer: filled.answer };
    Object.keys(filled.values).forEach(function (column) {
      if (now.sent && canon({ [column]: now.values[column] }) !== canon({ [column]: now.sent[column] })) saysNothing();
      else {
        left.values[column] = filled.values[column];
        left.texts[column] = filled.texts[column];
      }
    });
    return left;
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
      // `filled`: the `values` of some fields, the `texts` that they show, both of what is on `file` where that is told, and
      // the `answer` to the values that all fields then have.
      fill: function (filled) {
        var none = window.dash_clientside.no_update;
        var outputs = window.dash_clientside.callback_context.outputs_list[0];
        if (!filled) return [outputs.map(function () { return none; }), none];
        var now = page();
        var asked = filled.asked || {};
        var isLate = Object.keys(asked).some(function (column) { return asked[column] !== now.values[column]; });
        if (isLate) {
          saysNothing();
          return [outputs.map(function () { return none; }), none];
        }
        rest(now);
        if (filled.asked) filled = withoutTyped(now, filled);
        now.lead = null;
        now.values = Object.assign({}, now.values, filled.values);
        if (!filled.asked || now.touched) now.terms = now.values;
        now.sent = null;
        now.touched = false;
        // Where both show the same text, it stands for what is on file.
        if (filled.file) {
          now.file = filled.file.values;
          remember(now, filled.file);
        }
        remember(now, filled);
        var texts = outputs.map(function (output) {
          return output.id.name in filled.texts ? filled.texts[output.id.name] : none;
        });
        if (filled.answer) window.workbench.bring(now.values, filled.answer);
        return [texts, now.values];
      },
    },
  });
})();
