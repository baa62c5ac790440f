/* What is said of each field, what fields tell assistive technology, and how a long number is grouped once it has been typed. */
(function () {
  "use strict";

  // Dash inputs take no ARIA attributes: each field's note and state are tied to its control here.
  function tie(field) {
    var control = field.querySelector("input, select");
    var note = field.querySelector(".field-note");
    if (!control || !note) return;
    control.setAttribute("aria-describedby", note.id);
    control.setAttribute("aria-invalid", String(field.classList.contains("is-wrong")));
    if (field.querySelector(".is-needed")) control.setAttribute("aria-required", "true");
  }

  // What is wrong with the duration stands in the note of what goes together, which else says what followed.
  function tieDuration() {
    var control = document.getElementById("scoring-duration");
    var note = document.getElementById("scoring-linked-note");
    if (!control || !note) return;
    control.setAttribute("aria-describedby", note.id);
    control.setAttribute("aria-invalid", String(Boolean(note.querySelector(".note-error"))));
  }

  var looks = { wrong: "note-error", warned: "note-warning", changed: "note-before" };

  function said(note) {
    var line = document.createElement("span");
    line.className = looks[note.state];
    if (note.state !== "changed") {
      var sign = document.createElement("span");
      sign.className = "icon icon-exclamation-triangle-fill";
      sign.setAttribute("aria-hidden", "true");
      line.append(sign);
    }
    line.append(note.text);
    return line;
  }

  function has(notes, state) {
    return notes.some(function (note) {
      return note.state === state;
    });
  }

  function written(notes) {
    return notes
      .map(function (note) {
        return note.text;
      })
      .join("");
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    fields: {
      // `notes`: by column a list, each with state and text; a field without one is in order.
      tell: function (notes) {
        document.querySelectorAll(".field[data-column]").forEach(function (field) {
          var own = notes[field.dataset.column] || [];
          ["wrong", "warned", "changed"].forEach(function (state) {
            field.classList.toggle("is-" + state, has(own, state));
          });
          var line = field.querySelector(".field-note");
          if (line.textContent !== written(own)) line.replaceChildren(...own.map(said));
        });
      },
    },
  });

  var waiting = false;
  new MutationObserver(function () {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(function () {
      waiting = false;
      document.querySelectorAll(".field").forEach(tie);
      tieDuration();
    });
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });

  // 120000 becomes 120 000 or 120,000; anything else is left as it was typed.
  document.addEventListener("focusout", function (event) {
    var control = event.target;
    if (!control.closest || !control.closest(".field-number")) return;
    var typed = /^(\d{4,12})([.,]\d+)?$/.exec(control.value.trim());
    if (!typed) return;
    var grouped = Number(typed[1]).toLocaleString(document.documentElement.lang) + (typed[2] || "");
    var setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    setter.call(control, grouped);
    control.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
