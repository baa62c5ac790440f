/* The script that draws figures comes from the address that the page names (dash_app/plotly_script.py): the browser
   keeps it, compiled, whereas it would check and compile anew what Dash asks for. It is fetched ahead while the reader
   looks at a client, and read while the server works out the figures: Dash would ask for it once these are there. */
(function () {
  "use strict";

  var address = document.documentElement.dataset.plotly;
  var isFetched = false;
  var isAsked = false;

  // Dash sets it before the first figure asks for the script.
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    get: function () {
      return address;
    },
    set: function () {},
  });

  // The part of Dash that hands figures to the script; it stands beside the others.
  function part() {
    return new URL("async-graph.js", document.querySelector("script[src*='/dash/dcc/dash_core_components.']").src).href;
  }

  function savesData() {
    return Boolean(navigator.connection && navigator.connection.saveData);
  }

  function whenIdle(work) {
    // Safari has no word for it.
    if (window.requestIdleCallback) window.requestIdleCallback(work);
    else window.setTimeout(work, 2000);
  }

  function prefetch(script) {
    var link = document.createElement("link");
    link.rel = "prefetch";
    link.as = "script";
    link.href = script;
    document.head.append(link);
  }

  window.workbench = Object.assign({}, window.workbench, {
    // What figures need is brought into the browser's cache, and no further: to run it would hold up who moves a slider.
    fetchFigures: function () {
      if (isFetched || window.Plotly || savesData()) return;
      isFetched = true;
      whenIdle(function () {
        [address, part()].forEach(prefetch);
      });
    },
  });

  // On the way to a page that draws figures.
  document.addEventListener("click", function (event) {
    if (isAsked || window.Plotly || !event.target.closest("a[data-figures]")) return;
    // Another tab fetches for itself.
    if (!window.workbench.isPlainClick(event)) return;
    isAsked = true;
    var script = document.createElement("script");
    script.async = true;
    script.src = address;
    // Dash asks once more, and says what fails.
    script.addEventListener("error", function () {
      script.remove();
      isAsked = false;
    });
    document.head.append(script);
  });
})();
