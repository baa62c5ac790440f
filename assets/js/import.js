/* The Import page: a file that has arrived opens as an import, and a row of the grid opens in Scoring. */
(function () {
  "use strict";

  document.addEventListener("workbench:sent", function (event) {
    if (event.target.id === "import-mended") {
      // The result is drawn anew, with what has become of these rows.
      var state = { status: "done", job: event.detail.id, asks: false, mended: event.detail };
      window.dash_clientside.set_props("import-state", { data: state });
      document.getElementById("main").focus({ preventScroll: true });
      return;
    }
    if (event.target.id !== "import-upload") return;
    var here = window.location.pathname;
    window.history.pushState({}, "", here + "?import=" + encodeURIComponent(event.detail.id));
    // What dcc.Location listens to.
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    document.getElementById("main").focus({ preventScroll: true });
  });

  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
    importRow: function (props) {
      if (!props.data) return null;
      var lang = document.documentElement.lang;
      return window.React.createElement(
        "a",
        { href: props.data.open, "data-link": "page" },
        Number(props.value).toLocaleString(lang)
      );
    },
  });
})();
