/* Puts what the server has written as HTML into its place; what the reader has opened there stays open. */
(function () {
  "use strict";

  function opened(place) {
    return Array.from(place.querySelectorAll("details[open][data-key]"), function (each) {
      return each.dataset.key;
    });
  }

  function put(place, text) {
    var keys = opened(place);
    var focused = place.contains(document.activeElement) && document.activeElement.closest("[data-key]");
    var key = focused && focused.dataset.key;
    place.innerHTML = text;
    place.dataset.filled = "yes";
    place.querySelectorAll("details[data-key]").forEach(function (each) {
      each.open = keys.indexOf(each.dataset.key) >= 0;
      if (key === each.dataset.key) each.querySelector("summary").focus({ preventScroll: true });
    });
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
