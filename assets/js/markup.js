/* Puts what the server has written as HTML into its place; what the reader has opened there stays open. */
(function () {
  "use strict";

  function opened(place) {
    return Array.from(place.querySelectorAll("details[open][data-key]"), function (each) {
      return each.dataset.key;
    });
  }

  // Who pressed a button whose place is written anew stays there, or at what has taken its place.
  function keepFocus(place, way) {
    var button = place.querySelector("[data-way='" + way + "']:not([hidden])") || place.querySelector("h2");
    if (!button) return;
    if (button.tagName === "H2") button.tabIndex = -1;
    button.focus({ preventScroll: true });
  }

  function put(place, text) {
    var keys = opened(place);
    var holds = place.contains(document.activeElement);
    var focused = holds && document.activeElement.closest("[data-key]");
    var key = focused && !document.activeElement.closest("[data-way]") && focused.dataset.key;
    var tried = holds && document.activeElement.closest("[data-way]");
    var way = tried && tried.dataset.way;
    place.innerHTML = text;
    place.dataset.filled = "yes";
    place.querySelectorAll("details[data-key]").forEach(function (each) {
      each.open = keys.indexOf(each.dataset.key) >= 0;
      if (key === each.dataset.key) each.querySelector("summary").focus({ preventScroll: true });
    });
    if (way) keepFocus(place, way);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    markup: {
      // `texts`: HTML by the id of its place; what is not named stays as it is.
      show: function (texts) {
        Object.keys(texts || {}).forEach(function (id) {
          var place = document.getElementById(id);
          if (place) put(place, texts[id]);
        });
      },
    },
  });
})();
