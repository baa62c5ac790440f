/* The script that draws figures comes from the address that the page names (dash_app/plotly_script.py): the browser
   keeps it, compiled, whereas it would check and compile anew what Dash asks for. */
(function () {
  "use strict";

  var address = document.documentElement.dataset.plotly;

  // Dash sets it before the first figure asks for the script.
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    get: function () {
      return address;
    },
    set: function () {},
  });
})();
