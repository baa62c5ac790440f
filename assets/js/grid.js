/* The grid of an import is a script of more than a megabyte that no other page needs: it is fetched where one is shown. */
(function () {
  "use strict";
  var real = null;
  var coming = null;

  function address() {
    var config = JSON.parse(document.getElementById("_dash-config").textContent);
    return config.requests_pathname_prefix + "_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js";
  }

  function fetched() {
    coming =
      coming ||
      new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = address();
        script.onload = function () {
          real = window.dash_ag_grid;
          // What stands for it stays: another type of component would be built anew.
          window.dash_ag_grid = Object.assign({}, real, { AgGrid: Grid });
          resolve(true);
        };
        script.onerror = function () {
          // Asked for again by the next grid.
          coming = null;
          script.remove();
          reject(new Error("The script of the grid did not come."));
        };
        document.head.appendChild(script);
      });
    return coming;
  }

  function Grid(props) {
    var there = window.React.useState(real !== null);
    window.React.useEffect(function () {
      if (!there[0]) fetched().then(there[1]);
    }, []);
    if (there[0]) return window.React.createElement(real.AgGrid, props);
    return window.React.createElement("div", { id: props.id, className: props.className, style: props.style });
  }

  Grid.dashRenderType = true;
  // What Dash waits for before it calls back about a grid.
  Object.defineProperty(Grid, "_dashprivate_isLazyComponentReady", {
    get: function () {
      return real === null ? fetched() : real.AgGrid._dashprivate_isLazyComponentReady;
    },
  });
  window.dash_ag_grid = { AgGrid: Grid };
})();
