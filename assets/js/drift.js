/* The Drift page: columns that open, fields that a choice needs, and a file that is streamed to the dashboard. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    drift: {
      periods: function (current, period, reference, before) {
        return [current !== "live", period !== "other", reference !== "live", before !== "other"];
      },
      keepAddress: function (address) {
        if (address && window.location.pathname === address.split("?")[0]) {
          window.history.replaceState(window.history.state, "", address);
        }
        var verdict = document.getElementById("drift-verdict");
        if (verdict) {
          var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
          verdict.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
        }
        return window.dash_clientside.no_update;
      },
    },
  });

  // A column opens below its row; what it opens to is asked for each time, since the theme may have changed.
  document.addEventListener("click", function (event) {
    var opener = event.target.closest && event.target.closest(".drift-opener");
    if (!opener) return;
    var name = opener.dataset.column;
    var open = opener.getAttribute("aria-expanded") !== "true";
    window.dash_clientside.set_props(opener.id, { "aria-expanded": String(open) });
    window.dash_clientside.set_props("drift-detail-" + name, { hidden: !open });
    if (open) window.dash_clientside.set_props("drift-opened", { data: name });
  });

  function filled(text, parts) {
    return text.replace(/\{(\w+)\}/g, function (_all, name) {
      return parts[name];
    });
  }

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // Dash has no field for a file that leaves it in the browser: this one is put into its place, and never read here.
  function build(place) {
    var words = place.dataset;
    var lang = document.documentElement.lang;
    place.dataset.built = "yes";
    var input = element("input", "unseen");
    input.type = "file";
    input.id = "drift-file";
    input.accept = ".csv,.gz,.parquet,.txt,.tsv";
    var label = element("label", "button button-quiet", words.choose);
    label.htmlFor = input.id;
    var title = element("p", "drift-upload-title", words.title);
    var hint = element("p", "small muted", words.drop);
    var state = element("p", "drift-upload-state");
    state.setAttribute("role", "status");
    var bar = element("progress", "drift-progress");
    bar.max = 1;
    bar.hidden = true;
    bar.setAttribute("aria-label", words.title);
    var cancel = element("button", "button button-quiet", words.cancel);
    cancel.type = "button";
    cancel.hidden = true;
    place.append(title, input, label, hint, bar, state, cancel);

    var running = null;
    cancel.addEventListener("click", function () {
      if (running) running.abort();
    });

    function said(text, bad) {
      state.textContent = text;
      state.classList.toggle("is-wrong", Boolean(bad));
    }

    function end() {
      running = null;
      bar.hidden = cancel.hidden = true;
      input.value = "";
    }

    function send(file) {
      if (!file || running) return;
      var request = new XMLHttpRequest();
      running = request;
      bar.value = 0;
      bar.hidden = cancel.hidden = false;
      var percent = new Intl.NumberFormat(lang, { style: "percent" });
      said(filled(words.sending, { name: file.name, share: percent.format(0) }));
      request.upload.addEventListener("progress", function (event) {
        if (!event.lengthComputable) return;
        bar.value = event.loaded / event.total;
        if (event.loaded === event.total) {
          bar.removeAttribute("value");
          said(filled(words.reading, { name: file.name }));
        } else {
          said(filled(words.sending, { name: file.name, share: percent.format(event.loaded / event.total) }));
        }
      });
      request.addEventListener("load", function () {
        var answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch (error) {
          answer = {};
        }
        end();
        if (request.status !== 201) {
          said(answer.detail || words.failed, true);
          return;
        }
        said(
          filled(words.ready, {
            name: answer.name,
            rows: answer.rows.toLocaleString(lang),
            columns: answer.columns.toLocaleString(lang),
          })
        );
        window.dash_clientside.set_props("drift-sent", { data: answer });
      });
      request.addEventListener("error", function () {
        end();
        said(words.failed, true);
      });
      request.addEventListener("abort", function () {
        end();
        said(words.cancelled);
      });
      request.open("POST", words.address);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("X-Workbench", "drift");
      request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
      request.send(file);
    }

    input.addEventListener("change", function () {
      send(input.files[0]);
    });
    ["dragenter", "dragover"].forEach(function (name) {
      place.addEventListener(name, function (event) {
        event.preventDefault();
        place.classList.add("is-over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      place.addEventListener(name, function (event) {
        event.preventDefault();
        place.classList.remove("is-over");
      });
    });
    place.addEventListener("drop", function (event) {
      send(event.dataTransfer.files[0]);
    });
  }

  var waiting = false;
  new MutationObserver(function () {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(function () {
      waiting = false;
      var place = document.getElementById("drift-upload");
      if (place && !place.dataset.built) build(place);
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
