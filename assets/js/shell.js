/* The sidebar as a rail or a drawer, the theme, and the toasts. */
(function () {
  "use strict";

  var html = document.documentElement;
  var narrow = window.matchMedia("(max-width: 64rem)");

  function setDrawer(open) {
    var button = document.querySelector("[data-action='toggle-sidebar']");
    var inside = document.activeElement.closest("#sidebar");
    html.dataset.drawer = open ? "open" : "closed";
    if (button) button.setAttribute("aria-expanded", String(open));
    var main = document.getElementById("main");
    // All but the drawer, so that the focus does not leave it.
    [main, document.querySelector(".header"), document.querySelector(".skip")].forEach(function (part) {
      if (part) part.inert = open && narrow.matches;
    });
    if (open) {
      var first = document.querySelector("#sidebar a");
      if (first) first.focus();
    } else if (inside && narrow.matches && button) {
      button.focus();
    }
  }

  var actions = {
    "toggle-sidebar": function () {
      setDrawer(html.dataset.drawer !== "open");
    },
    "close-sidebar": function () {
      setDrawer(false);
    },
    "collapse-sidebar": function () {
      html.dataset.sidebar = html.dataset.sidebar === "rail" ? "open" : "rail";
      localStorage.setItem("sidebar", html.dataset.sidebar);
      markCollapse();
      window.dispatchEvent(new Event("resize"));
    },
    print: function () {
      window.print();
    },
    "close-toast": function (button) {
      button.closest(".toast-card").hidden = true;
    },
  };

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-action]");
    if (button && actions[button.dataset.action]) actions[button.dataset.action](button);
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && html.dataset.drawer === "open") setDrawer(false);
  });

  // Following a link in the drawer closes it.
  document.addEventListener("click", function (event) {
    if (event.target.closest("#sidebar a[data-link]") && html.dataset.drawer === "open") setDrawer(false);
  });
  narrow.addEventListener("change", function () {
    setDrawer(false);
  });

  function markCollapse() {
    var button = document.querySelector("[data-action='collapse-sidebar']");
    if (button) button.setAttribute("aria-expanded", String(html.dataset.sidebar !== "rail"));
  }

  window.workbench = Object.assign({}, window.workbench, {
    theme: function (clicks) {
      if (clicks) {
        html.dataset.bsTheme = html.dataset.bsTheme === "dark" ? "light" : "dark";
        document.cookie = "theme=" + html.dataset.bsTheme + "; path=/; max-age=31536000; samesite=lax";
      }
      return html.dataset.bsTheme;
    },
  });

  // Once the sidebar is there, its button says what was kept from the last visit.
  new MutationObserver(function (_changes, observer) {
    if (!document.getElementById("sidebar")) return;
    observer.disconnect();
    markCollapse();
  }).observe(document.getElementById("react-entry-point"), { childList: true, subtree: true });
})();
