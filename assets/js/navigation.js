/* Links within the dashboard change the page without loading it anew, and take the reader's place with them. */
(function () {
  "use strict";

  function isPlainClick(event) {
    return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  }

  // Whether the page itself changes: with a key held, a browser opens another tab or window, or keeps a file.
  window.workbench = Object.assign({}, window.workbench, { isPlainClick: isPlainClick });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-link]");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    if (link.href !== window.location.href) {
      window.history.pushState({}, "", link.href);
      // What dcc.Location listens to.
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    }
    window.scrollTo(0, 0);
    document.getElementById("main").focus({ preventScroll: true });
    if (link.hash) follow(decodeURIComponent(link.hash.slice(1)), 20);
  });

  // A place on a page that is still to come: what loads above it moves it, until the reader does.
  function follow(name, looks) {
    var moved = ["wheel", "keydown", "pointerdown", "touchstart"];
    var address = window.location.href;
    var timer = setInterval(function () {
      var place = document.getElementById(name);
      // Counted once it is there: a page may take its time.
      if (place) looks -= 1;
      if (place) place.scrollIntoView();
      if (!looks || window.location.href !== address) stop();
    }, 250);
    function stop() {
      clearInterval(timer);
      moved.forEach(function (name) {
        window.removeEventListener(name, stop);
      });
    }
    moved.forEach(function (name) {
      window.addEventListener(name, stop, { passive: true });
    });
  }

  // Rows of a list are as wide as their link, for the mouse; the link itself serves the keyboard.
  document.addEventListener("click", function (event) {
    var row = event.target.closest("table.clients tbody tr");
    if (row && isPlainClick(event) && !event.target.closest("a") && !String(window.getSelection())) {
      row.querySelector("a[data-link]").click();
    }
  });

  // Choosing a language loads the page anew: it goes on where the reader is, whatever has changed the address since.
  document.addEventListener("click", function (event) {
    var link = event.target.closest(".languages a");
    if (!link) return;
    var here = window.location.pathname + window.location.search;
    link.href = link.getAttribute("href").split("?")[0] + "?next=" + encodeURIComponent(here);
  });
})();
