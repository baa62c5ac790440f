/* An officer's decision is sent under a key of its own, which this tab keeps until there is an answer: sent again after a
   lost answer, it is recorded once. */
(function () {
  "use strict";

  var kept = "officer-decision";
  // Under which prediction an application was decided on this page: values that come back find what was decided.
  var decided = {};

  function uuid() {
    // Absent where the page came over plain HTTP from another machine.
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    var hex = Array.from(bytes, function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // Tells applications apart within a tab (53 bits, after cyrb53); from it nobody reads what was typed.
  function digest(text) {
    var high = 0xdeadbeef;
    var low = 0x41c6ce57;
    for (var place = 0; place < text.length; place += 1) {
      var code = text.charCodeAt(place);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
  }

  function signature(subject, values) {
    if (subject.mode === "client") return "client " + subject.client;
    if (subject.mode === "row") return "row " + subject.job + " " + subject.row;
    return "new " + digest(String(window.workbench.form.canon(values)));
  }

  function pending() {
    return JSON.parse(window.sessionStorage.getItem(kept) || "null");
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    officer: {
      // What would be decided on: the client, or the recorded prediction on the application as it is now.
      application: function (onFile, subject, values, before) {
        if (subject.mode === "list") return window.dash_clientside.no_update;
        var sign = signature(subject, values);
        var found = onFile && {
          client: subject.client,
          prediction_id: (subject.mode === "new" && decided[sign]) || onFile.prediction_id,
        };
        var same = JSON.stringify(found) === JSON.stringify(before || null);
        return same ? window.dash_clientside.no_update : found;
      },

      // The decision as it is sent: under the same key as before where it is the same that had no answer.
      submit: function (clicks, application, subject, values, decision, officer, reason) {
        if (!clicks) return window.dash_clientside.no_update;
        var root = document.querySelector(".scoring");
        var content = {
          application: signature(subject, values),
          decision: decision || "",
          officer: (officer || "").trim(),
          reason: (reason || "").trim(),
        };
        var before = pending();
        var again = before && before.prediction_id && JSON.stringify(before.content) === JSON.stringify(content);
        var sent = again
          ? before
          : { content: content, key: uuid(), prediction_id: application && application.prediction_id };
        window.sessionStorage.setItem(kept, JSON.stringify(sent));
        return Object.assign({}, content, {
          key: sent.key,
          prediction_id: sent.prediction_id,
          // A new application is decided as its values are now, not as they were.
          is_outdated: subject.mode === "new" && Boolean(root && root.dataset.answer),
          at: Date.now(),
        });
      },

      // What is wrong stands at its field, is read with it, and the first such field has the focus.
      faults: function (decision, officer, reason) {
        var first = null;
        [
          ["scoring-officer-decision", decision],
          ["scoring-officer-name", officer],
          ["scoring-officer-reason", reason],
        ].forEach(function (pair) {
          var place = document.getElementById(pair[0]);
          if (!place) return;
          var isGroup = !place.matches("input, textarea");
          var control = isGroup ? place.querySelector("input") : place;
          var described = isGroup ? place.closest("fieldset") : place;
          if (pair[1]) described.setAttribute("aria-describedby", pair[0] + "-fault");
          else described.removeAttribute("aria-describedby");
          if (!isGroup) place.setAttribute("aria-invalid", String(Boolean(pair[1])));
          if (pair[1] && !first) first = control;
        });
        if (first) first.focus();
      },

      // There is an answer, whichever it is: the key has done its work.
      answered: function (answer) {
        if (!answer) return;
        var before = pending();
        if (before && before.key === answer.key) window.sessionStorage.removeItem(kept);
        if (answer.is_recorded) decided[answer.application] = answer.prediction_id;
      },
    },
  });
})();
