/* The Comparison page: its address, the way to the finder, and the panel of figures to choose from. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    comparison: {
      keepAddress: function (address) {
        if (address && window.location.pathname === address.split("?")[0]) {
          window.history.replaceState(window.history.state, "", address);
        }
        return window.dash_clientside.no_update;
      },
    },
  });

  function plain(text) {
    return text
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase();
  }

  // Families without a match disappear with their title.
  function filter(panel, typed) {
    var wanted = plain(typed.trim());
    var any = false;
    panel.querySelectorAll(".picker-family").forEach(function (family) {
      var some = false;
      family.querySelectorAll(".form-check").forEach(function (option) {
        option.hidden = wanted !== "" && !plain(option.textContent).includes(wanted);
        some = some || !option.hidden;
      });
      family.hidden = !some;
      any = any || some;
    });
    panel.querySelector(".picker-nothing").hidden = any;
  }

  document.addEventListener("input", function (event) {
    if (event.target.id === "comparison-picker-search") {
      filter(event.target.closest(".picker-panel"), event.target.value);
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-action='find-client']")) {
      document.getElementById("shell-finder-input").focus();
    }
    document.querySelectorAll(".picker[open]").forEach(function (picker) {
      if (!picker.contains(event.target)) picker.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    var picker = event.key === "Escape" && event.target.closest(".picker[open]");
    if (picker) {
      picker.open = false;
      picker.querySelector("summary").focus();
    }
  });
})();
