/* The Drift page: columns that open, fields that a choice needs, and a file that has arrived. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    drift: {
      periods: function (current, period, reference, before) {
        return [current !== "live", period !== "other", reference !== "live", before !== "other"];
      },
      keepAddress: function (address) {
        if (address && window.location.pathname === address.split("?")[0]) {
          window.history.replaceState(window.history.state, "", address);
        }
        var verdict = document.getElementById("drift-verdict");
        if (verdict) {
          var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
          verdict.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
        }
        return window.dash_clientside.no_update;
      },
    },
  });

  // A column opens below its row; what it opens to is asked for each time, since the theme may have changed.
  document.addEventListener("click", function (event) {
    var opener = event.target.closest && event.target.closest(".drift-opener");
    if (!opener) return;
    var name = opener.dataset.column;
    var open = opener.getAttribute("aria-expanded") !== "true";
    window.dash_clientside.set_props(opener.id, { "aria-expanded": String(open) });
    window.dash_clientside.set_props("drift-detail-" + name, { hidden: !open });
    if (open) window.dash_clientside.set_props("drift-opened", { data: name });
  });

  document.addEventListener("workbench:sent", function (event) {
    if (event.target.id === "drift-upload") window.dash_clientside.set_props("drift-sent", { data: event.detail });
  });
})();
