/* What is typed on the Scoring page is kept in this tab, and nowhere else, until it is recorded or taken back. */
(function () {
  "use strict";

  var prefix = "scoring-values:";
  var most = 20;
  var largest = 200000;
  // Of the page on display: under which `name` its draft is kept, whether it is done with, and whether the decision on a
  // new application was asked for.
  var page = { root: null, name: null, isDone: false };

  function here() {
    var root = document.querySelector(".scoring");
    if (page.root !== root) page = { root: root, name: null, isDone: false };
    return page;
  }

  // Of what the page is about, and not of the address, which is that of the next page while this one is still there.
  function nameOf(subject) {
    if (subject.mode === "client") return prefix + "client=" + subject.client;
    if (subject.mode === "row") return prefix + "import=" + subject.job + "&row=" + subject.row;
    return subject.mode === "new" ? prefix + "new" : null;
  }

  function reader() {
    var name = document.querySelector(".account-name");
    return name ? name.textContent : "";
  }

  // What is about to be recorded: by the id of the component that holds it.
  function words() {
    var found = {};
    document.querySelectorAll("#scoring-officer input, #scoring-officer textarea").forEach(function (control) {
      var isChoice = control.type === "radio";
      var holder = isChoice ? control.closest(".word-choice") : control;
      if (!holder || !holder.id || control.readOnly || (isChoice && !control.checked) || !control.value) return;
      found[holder.id] = control.value;
    });
    return found;
  }

  function trim() {
    var kept = Object.keys(window.sessionStorage).filter(function (name) {
      return name.startsWith(prefix);
    });
    kept.sort(function (one, other) {
      return read(other).at - read(one).at;
    });
    kept.slice(most).forEach(function (name) {
      window.sessionStorage.removeItem(name);
    });
  }

  function read(name) {
    return JSON.parse(window.sessionStorage.getItem(name) || "null");
  }

  function keep() {
    var now = here();
    var name = now.name;
    // Before the form is filled nobody knows what was changed.
    if (!name || !now.root || now.isDone || !window.workbench.form.values()) return;
    var values = window.workbench.form.changed();
    var draft = { reader: reader(), isAsked: Boolean(now.isAsked), values: values, words: words(), at: Date.now() };
    if (!Object.keys(draft.values).length && !Object.keys(draft.words).length) {
      window.sessionStorage.removeItem(name);
      return;
    }
    window.sessionStorage.setItem(name, JSON.stringify(draft));
    trim();
  }

  function forgetAll() {
    Object.keys(window.sessionStorage).forEach(function (name) {
      if (name.startsWith(prefix)) window.sessionStorage.removeItem(name);
    });
  }

  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (!event.target.closest(".scoring .form, #scoring-officer")) return;
      here().isDone = false;
      keep();
    });
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("#scoring-submit")) {
      here().isAsked = true;
      keep();
    }
    if (event.target.closest("#scoring-reset")) showResumed(false);
  });

  // Who signs out leaves nothing behind.
  document.addEventListener("submit", function (event) {
    if (event.target.matches(".account form")) forgetAll();
  });

  function showResumed(shown) {
    var note = document.getElementById("scoring-resumed");
    if (note) note.hidden = !shown;
  }

  function build(place) {
    var input = document.createElement("input");
    input.type = "file";
    input.accept = ".json,application/json";
    input.id = "scoring-import-file";
    input.className = "unseen";
    var label = document.createElement("label");
    label.htmlFor = input.id;
    label.className = "button button-quiet";
    var sign = document.createElement("span");
    sign.className = "icon icon-upload";
    sign.setAttribute("aria-hidden", "true");
    var name = document.createElement("span");
    name.textContent = place.dataset.choose;
    label.append(sign, name);
    place.append(input, label);
    input.addEventListener("change", function () {
      var file = input.files[0];
      if (!file) return;
      if (file.size > largest) {
        window.dash_clientside.set_props("scoring-import-note", { children: place.dataset.large });
        input.value = "";
        return;
      }
      file.text().then(function (text) {
        window.dash_clientside.set_props("scoring-imported", { data: { text: text, at: Date.now() } });
        input.value = "";
      });
    });
  }

  window.workbench = Object.assign({}, window.workbench, {
    keepDraft: keep,
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    drafts: {
      // What was recorded is no draft any more.
      recorded: function () {
        window.requestAnimationFrame(function () {
          if (!document.querySelector("#scoring-officer-note .notice-for")) return;
          here().isDone = true;
          window.sessionStorage.removeItem(here().name);
        });
      },
      take: function (subject) {
        window.requestAnimationFrame(function () {
          var place = document.getElementById("scoring-import");
          if (place && !place.firstChild) build(place);
        });
        var name = nameOf(subject);
        here().name = name;
        var found = name && read(name);
        if (!found || found.reader !== reader()) return null;
        window.requestAnimationFrame(function () {
          showResumed(Object.keys(found.values).length > 0);
          Object.keys(found.words).forEach(function (id) {
            window.dash_clientside.set_props(id, { value: found.words[id] });
          });
          if (found.isAsked) {
            here().isAsked = true;
            window.dash_clientside.set_props("scoring-submit", { n_clicks: 1 });
          }
        });
        return found.values;
      },
    },
  });
})();
