/* The duration beside amount and instalment: shown as an answer says it, and told once somebody types another. */
(function () {
  "use strict";

  var field = "scoring-duration";
  // As it was last shown or told.
  var shown = "";

  function note() {
    return document.getElementById("scoring-linked-note");
  }

  window.workbench = Object.assign({}, window.workbench, {
    showDuration: function (text) {
      var control = document.getElementById(field);
      // Somebody is typing another.
      if (!control || (control === document.activeElement && control.value.trim() !== shown)) return;
      shown = text;
      if (control.value !== text) window.dash_clientside.set_props(field, { value: text });
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    credit: {
      typed: function (value) {
        var text = (value || "").trim();
        if (text !== shown) {
          shown = text;
          return { text: text, at: Date.now() };
        }
        // Nobody has changed it.
        if (note() && note().querySelector(".note-error")) window.dash_clientside.set_props(note().id, { children: "" });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
