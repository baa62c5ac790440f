/* Sliders beside the fields that a client could change: they move the field's number, and follow what it says. */
(function () {
  "use strict";

  // An amount can be moved between these multiples of what it was.
  var least = 0.2;
  var most = 2;

  // Writes a number as its field shows it: made with the first slider, as it takes longer to make than to use.
  var numbers = null;

  function control(place) {
    return place.closest(".field").querySelector("input.field-control");
  }

  // Round steps, about a hundred from one end to the other.
  function reach(place, slider, value) {
    if (place.dataset.step) {
      slider.min = place.dataset.low;
      slider.max = place.dataset.high;
      slider.step = place.dataset.step;
      return;
    }
    var step = Math.max(Math.pow(10, Math.floor(Math.log10(value)) - 2), 1);
    slider.step = step;
    slider.min = Math.floor((value * least) / step) * step;
    slider.max = Math.ceil((value * most) / step) * step;
  }

  function mark(place, slider) {
    var part = (Number(slider.value) - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
    place.style.setProperty("--at", 100 * part + "%");
    slider.setAttribute("aria-valuetext", (control(place).value + " " + place.dataset.unit).trim());
  }

  function build(place) {
    numbers = numbers || new Intl.NumberFormat(document.documentElement.lang);
    var slider = document.createElement("input");
    slider.type = "range";
    slider.setAttribute("aria-label", place.dataset.name);
    slider.addEventListener("input", function () {
      var text = control(place);
      var setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
      setter.call(text, numbers.format(Number(slider.value)));
      // As if it had been typed, but that `form.js` need not wait for another key.
      text.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "slider" }));
      mark(place, slider);
    });
    place.append(slider);
    return slider;
  }

  function follow(place) {
    var slider = place.querySelector("input") || build(place);
    var value = (window.workbench.form.values() || {})[place.closest(".field").dataset.column];
    var known = typeof value === "number" && value >= 0;
    place.hidden = !known && !place.dataset.step;
    place.classList.toggle("is-empty", !known);
    if (!known && !place.dataset.step) return;
    var outside = value < Number(slider.min) || value > Number(slider.max);
    if (!place.dataset.reached || (outside && document.activeElement !== slider)) {
      reach(place, slider, value);
      place.dataset.reached = "yes";
    }
    slider.value = known ? value : 0.5;
    mark(place, slider);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    sliders: {
      follow: function () {
        // Once React has put the values into the fields.
        window.requestAnimationFrame(function () {
          document.querySelectorAll(".field-slider").forEach(follow);
        });
      },
    },
  });
})();
