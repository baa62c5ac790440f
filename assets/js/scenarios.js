/* The Simulation page: the threshold answers at once, from the curve that the page holds; files of scenarios are read. */
(function () {
  "use strict";

  var parts = ["accepted", "defaults", "cost", "precision", "recall"];
  var graph = "scenarios-curve-graph";
  // A threshold that is still being moved asks for no comparison yet.
  var milliseconds = 450;
  var largest = 200000;
  var waiting = null;
  // The one that was tried last, which the page is told of a moment later.
  var tried = null;

  function lang() {
    return document.documentElement.lang || "fr";
  }

  // Halves are rounded as on the server, or the same share would be two numbers on one page.
  var rounding = "halfEven";

  function number(value, decimals) {
    return value.toLocaleString(lang(), { maximumFractionDigits: decimals, roundingMode: rounding });
  }

  function percent(value) {
    var digits = { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1, roundingMode: rounding };
    return value.toLocaleString(lang(), digits);
  }

  // A number as it is typed in either language; NaN where it is none.
  function read(text) {
    var plain = String(text).replace(/[\s\u00a0\u202f%]/g, "").replace(",", ".");
    return plain === "" ? NaN : Number(plain);
  }

  function written(threshold) {
    return (100 * threshold).toLocaleString(lang(), { maximumFractionDigits: 2, useGrouping: false });
  }

  // The point of the curve that is nearest to a threshold.
  function nearest(curve, threshold) {
    var at = curve.threshold;
    var low = 0;
    var high = at.length - 1;
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (at[middle] <= threshold) low = middle;
      else high = middle;
    }
    return threshold - at[low] <= at[high] - threshold ? low : high;
  }

  function filled(sentence, words) {
    return sentence.replace(/\{(\w+)\}/g, function (_all, name) {
      return words[name];
    });
  }

  function values(held, place) {
    var curve = held.curve;
    var share = function (value) {
      return value === null ? "–" : percent(value);
    };
    return {
      accepted: [percent(curve.accepted[place] / held.used), null],
      defaults: [
        number(curve.expected_defaults[place], curve.expected_defaults[place] < 10 ? 1 : 0),
        curve.observed_defaults[place] === null ? null : number(curve.observed_defaults[place], 0),
      ],
      cost: [
        number(held.per * curve.cost[place], 1),
        curve.observed_cost[place] === null ? null : number(held.per * curve.observed_cost[place], 1),
      ],
      precision: [share(curve.precision[place]), curve.observed_cost[place] === null ? null : share(curve.observed_precision[place])],
      recall: [share(curve.recall[place]), curve.observed_cost[place] === null ? null : share(curve.observed_recall[place])],
    };
  }

  // The line and the point of the figure; one that is not drawn yet is asked again.
  function draw(held, place, times) {
    var element = document.querySelector("#" + graph + " .js-plotly-plot");
    var at = held.curve.threshold[place];
    if (!element || !element.layout || !window.Plotly) {
      if (times > 0) window.setTimeout(draw, 150, held, place, times - 1);
      return;
    }
    window.Plotly.relayout(element, { "shapes[0].x0": at, "shapes[0].x1": at });
    var cost = held.per * held.curve.cost[place];
    window.Plotly.restyle(element, { x: [[at]], y: [[cost]] }, [element.data.length - 1]);
  }

  function settle(threshold) {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () {
      window.dash_clientside.set_props("scenarios-threshold", { data: threshold });
    }, milliseconds);
  }

  function wanted(held, pressed, slider, typed) {
    if (pressed === "scenarios-slider") return Number(slider) / 100;
    if (pressed === "scenarios-number") {
      var given = read(typed) / 100;
      return given >= 0 && given <= 1 ? given : null;
    }
    if (pressed === "scenarios-best") return held.best;
    if (pressed === "scenarios-hindsight" && held.hindsight !== null) return held.hindsight;
    return held.today;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    scenarios: {
      move: function (held, slider, typed, _today, _best, _hindsight, now) {
        var nothing = window.dash_clientside.no_update;
        var empty = [nothing, nothing, nothing, nothing];
        if (!held) return empty.concat(parts.flatMap(function () { return [nothing, nothing, nothing]; }));
        var pressed = window.dash_clientside.callback_context.triggered_id;
        var threshold = wanted(held, pressed, slider, typed);
        // What was typed is no threshold: the one before stands again, and it is said what is expected.
        var problem = threshold === null ? held.words.expected : "";
        if (threshold === null) threshold = tried === null ? held.today : tried;
        // Another population, or the other theme: the threshold stays where it was moved to.
        if (pressed === "scenarios-curve" && typeof now === "number") threshold = now;
        var place = nearest(held.curve, threshold);
        var at = held.curve.threshold[place];
        tried = at;
        var found = values(held, place);
        var before = values(held, nearest(held.curve, held.today));
        draw(held, place, 40);
        settle(at);
        var range = document.getElementById("scenarios-slider");
        if (range) {
          range.style.setProperty("--at", Math.min(100, (100 * at) / held.reach) + "%");
          range.setAttribute("aria-valuetext", percent(at));
        }
        var said = filled(held.words.said, {
          at: percent(at),
          accepted: found.accepted[0],
          defaults: found.defaults[0],
          cost: found.cost[0],
        });
        var shown = pressed === "scenarios-slider" ? nothing : Math.round(1000 * Math.min(at, held.reach)) / 10;
        var tiles = parts.flatMap(function (part) {
          var value = found[part];
          return [
            value[0],
            filled(held.words.today, { value: before[part][0] }),
            value[1] === null ? "" : filled(held.words.observed, { value: value[1] }),
          ];
        });
        return [shown, written(at), said, problem].concat(tiles);
      },
      keepAddress: function (address) {
        if (address && window.location.pathname === address.split("?")[0]) {
          window.history.replaceState(window.history.state, "", address);
        }
        return window.dash_clientside.no_update;
      },
      // Whoever opens the editor goes on in it; whoever closes it goes on where it was opened.
      focus: function (hidden) {
        window.setTimeout(function () {
          var element = document.getElementById(hidden ? "scenarios-editor-open" : "scenarios-name");
          if (element) element.focus();
        }, 50);
        return window.dash_clientside.no_update;
      },
    },
  });

  // A file input that looks like the buttons beside it; what is in the file is looked at by the page.
  function build(place) {
    if (place.querySelector("input")) return;
    var input = document.createElement("input");
    input.type = "file";
    input.accept = ".json,application/json";
    input.id = "scenarios-file";
    input.className = "unseen";
    var label = document.createElement("label");
    label.htmlFor = input.id;
    label.className = "button button-quiet";
    var mark = document.createElement("span");
    mark.className = "icon icon-upload";
    mark.setAttribute("aria-hidden", "true");
    var name = document.createElement("span");
    name.textContent = place.dataset.name;
    label.append(mark, name);
    input.addEventListener("change", function () {
      var file = input.files[0];
      if (!file) return;
      var send = function (text) {
        // The time tells the same file, chosen twice, from itself.
        window.dash_clientside.set_props("scenarios-from-file", { data: { text: text, time: Date.now() } });
        input.value = "";
      };
      // One that is too large is not read: the page says so of anything as long.
      if (file.size > largest) send(" ".repeat(largest + 1));
      else file.text().then(send);
    });
    place.append(input, label);
  }

  function look() {
    var place = document.getElementById("scenarios-file-place");
    if (place) build(place);
  }

  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  look();
})();
