/* A place for a file: it stays in the browser, and is streamed to the address that the place names. */
(function () {
  "use strict";

  function filled(text, parts) {
    return text.replace(/\{(\w+)\}/g, function (_all, name) {
      return parts[name];
    });
  }

  // An answer as it is read: its numbers in the language of the page.
  function shown(answer, lang) {
    return Object.fromEntries(
      Object.entries(answer).map(function (entry) {
        return [entry[0], typeof entry[1] === "number" ? entry[1].toLocaleString(lang) : entry[1]];
      })
    );
  }

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // Dash has no field for a file that leaves it in the browser: this one is put into its place.
  function build(place) {
    var words = place.dataset;
    var lang = document.documentElement.lang;
    place.dataset.built = "yes";
    var input = element("input", "unseen");
    input.type = "file";
    input.id = place.id + "-file";
    input.accept =
      ".csv,.gz,.bz2,.zst,.xz,.zip,.parquet,.txt,.tsv,.xlsx,.xlsb,.xls,.ods,.sas7bdat,.xpt,.sav,.zsav,.dta,.feather,.arrow,.json,.jsonl,.ndjson";
    var label = element("label", "button " + words.look, words.choose);
    label.htmlFor = input.id;
    var state = element("p", "upload-state");
    state.setAttribute("role", "status");
    var bar = element("progress", "upload-bar");
    bar.max = 1;
    bar.hidden = true;
    bar.setAttribute("aria-label", words.title);
    var cancel = element("button", "button button-quiet", words.cancel);
    cancel.type = "button";
    cancel.hidden = true;
    place.append(
      element("p", "upload-title", words.title),
      element("p", "muted small", words.hint),
      input,
      label,
      bar,
      state,
      cancel
    );

    var running = null;
    cancel.addEventListener("click", function () {
      if (running) running.abort();
    });

    function said(text, wrong) {
      state.textContent = text;
      state.classList.toggle("is-wrong", Boolean(wrong));
    }

    function end() {
      running = null;
      bar.hidden = cancel.hidden = true;
      label.hidden = false;
      input.value = "";
    }

    function send(file) {
      if (!file || running) return;
      var request = new XMLHttpRequest();
      running = request;
      bar.value = 0;
      bar.hidden = cancel.hidden = false;
      label.hidden = true;
      var percent = new Intl.NumberFormat(lang, { style: "percent" });
      said(filled(words.sending, { name: file.name, share: percent.format(0) }));
      request.upload.addEventListener("progress", function (event) {
        if (!event.lengthComputable) return;
        if (event.loaded === event.total) {
          bar.removeAttribute("value");
          said(filled(words.reading, { name: file.name }));
        } else {
          bar.value = event.loaded / event.total;
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
        if (request.status === 401) {
          window.location.reload();
        } else if (request.status !== 201) {
          said(answer.detail || words.failed, true);
        } else {
          if (words.ready) said(filled(words.ready, shown(answer, lang)));
          place.dispatchEvent(new CustomEvent("workbench:sent", { bubbles: true, detail: answer }));
        }
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
      request.setRequestHeader("X-Workbench", place.id);
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
      document.querySelectorAll(".upload:not([data-built])").forEach(build);
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
