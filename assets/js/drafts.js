/* An application as a file that is chosen, and what was typed while the page is loaded anew in another language. */
(function () {
  "use strict";

  var kept = "scoring-draft";
  var largest = 200000;
  var words = ["scoring-word-officer", "scoring-word-reason"];

  function column(field) {
    return field.dataset.column;
  }

  function subject() {
    var query = new URLSearchParams(window.location.search);
    return query.get("client") || (query.get("import") || "") + (query.get("row") || "") || (query.get("new") ? "new" : "");
  }

  // Only what is not on file: everything of a new application, of a client what was changed.
  function typed() {
    var changed = document.querySelector(".scoring-client") ? ".field.is-changed, .field.is-wrong" : ".field";
    var texts = {};
    document.querySelectorAll(".scoring .form").forEach(function (form) {
      form.querySelectorAll(changed).forEach(function (field) {
        var control = field.querySelector(".field-control");
        if (control && control.value) texts[column(field)] = control.value;
      });
    });
    return texts;
  }

  document.addEventListener(
    "click",
    function (event) {
      if (!event.target.closest(".languages a") || !document.querySelector(".scoring .form")) return;
      var said = {};
      words.forEach(function (id) {
        var control = document.getElementById(id);
        if (control && control.value) said[id] = control.value;
      });
      var choice = document.querySelector("#scoring-word-decision input:checked");
      if (choice) said["scoring-word-decision"] = choice.value;
      var draft = { subject: subject(), lang: document.documentElement.lang, texts: typed(), words: said };
      // For the one page that follows, in this tab: it is taken away as soon as it has been read.
      window.sessionStorage.setItem(kept, JSON.stringify(draft));
    },
    true
  );

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

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    drafts: {
      // The client once there is a decision, said only once.
      decided: function (onFile, subject, before) {
        if (!onFile || subject.client === before) return window.dash_clientside.no_update;
        return subject.client;
      },
      take: function () {
        window.requestAnimationFrame(function () {
          var place = document.getElementById("scoring-import");
          if (place && !place.firstChild) build(place);
        });
        var found = JSON.parse(window.sessionStorage.getItem(kept) || "null");
        window.sessionStorage.removeItem(kept);
        if (!found || found.subject !== subject()) return null;
        window.requestAnimationFrame(function () {
          Object.keys(found.words).forEach(function (id) {
            window.dash_clientside.set_props(id, { value: found.words[id] });
          });
        });
        return { lang: found.lang, texts: found.texts };
      },
    },
  });
})();
