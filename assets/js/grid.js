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
          if (window.dash_ag_grid.AgGrid === Grid) {
            // Something else came under its address, such as a page to sign in.
            script.onerror();
            return;
          }
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
    var element = window.React.createElement;
    var stage = window.React.useState(real === null ? "coming" : "there");
    function ask() {
      fetched().then(
        function () {
          stage[1]("there");
        },
        function () {
          stage[1]("failed");
        }
      );
    }
    window.React.useEffect(function () {
      if (stage[0] !== "there") ask();
    }, []);
    if (stage[0] === "there") return element(real.AgGrid, props);
    if (stage[0] === "coming") return element("div", { id: props.id, className: props.className, style: props.style });
    var words = props.dashGridOptions.localeText;
    return element(
      "div",
      { id: props.id, className: "notice notice-against", role: "alert" },
      element("p", { className: "notice-title" }, words.scriptFailed),
      element("button", { type: "button", className: "button button-quiet", onClick: ask }, words.scriptAgain)
    );
  }

  Grid.dashRenderType = true;
  // What Dash waits for before it calls back about a grid.
  Object.defineProperty(Grid, "_dashprivate_isLazyComponentReady", {
    get: function () {
      // A promise that is rejected would leave what calls back about the grid waiting for ever.
      return real === null ? fetched().catch(Boolean) : real.AgGrid._dashprivate_isLazyComponentReady;
    },
  });
  window.dash_ag_grid = { AgGrid: Grid };
})();
