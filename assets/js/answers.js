/* A decision stands only beside the values that it was made of: what is shown is marked as out of date from the first key
   that changes a value until the answer for the new values is there, and an older answer never replaces a newer one. */
(function () {
  "use strict";

  // How long an answer is waited for before the page says that none came.
  var patience = 20000;
  // A state that passes sooner is not read out.
  var hearing = 1000;
  var kept = null;

  // What is known of the page on display: `asked`, the values of each question, in order; `answered`, those of the last
  // answer; `number`, which question that was; `tries`, what the buttons of its ways do; `onFile`, the answer to what is on
  // file, which is shown again without asking once changes are taken back; `brought`, the values whose answer came with them.
  function page() {
    var root = document.querySelector(".scoring");
    if (!kept || kept.root !== root) {
      if (kept) window.clearTimeout(kept.waiting);
      kept = { root: root, asked: [], answered: null, number: -1, state: "", tries: [], onFile: null, brought: null };
    }
    return root && kept;
  }

  // What the fields have now, as one text.
  function present() {
    return window.workbench.form.canon(window.workbench.form.values());
  }

  function hasVerdict() {
    return Boolean(document.querySelector("#scoring-banner .verdict-word"));
  }

  function stateOf(now) {
    var held = present();
    if (!hasVerdict() || now.answered === null || held === null) return "";
    if (held !== now.answered) return now.isLate ? "unanswered" : "awaiting";
    return now.state === "invalid" ? "invalid" : "";
  }

  function say(now, state) {
    var chip = document.getElementById("scoring-outdated");
    if (state) chip.lastChild.textContent = chip.dataset[state];
    window.clearTimeout(now.speaking);
    now.speaking = window.setTimeout(
      function () {
        var ear = document.getElementById("scoring-outdated-said");
        if (ear) ear.textContent = state ? chip.dataset[state] : "";
      },
      state ? hearing : 0
    );
  }

  function refresh() {
    var now = page();
    if (!now) return;
    var state = stateOf(now);
    var before = now.root.dataset.answer || "";
    if (state !== before) {
      if (state) now.root.dataset.answer = state;
      else delete now.root.dataset.answer;
      document.getElementById("scoring-result").setAttribute("aria-busy", String(state === "awaiting"));
      say(now, state);
    }
    var advised = !state && now.answered !== null;
    now.root.dataset.advice = advised ? "" : "awaiting";
    // Not `disabled`, which would drop the focus of who has just pressed it.
    document.querySelectorAll(".scoring [data-way]").forEach(function (button) {
      button.setAttribute("aria-disabled", String(!advised));
    });
  }

  // From the first key on, and for as long as no answer comes.
  function await_() {
    var now = page();
    if (!now) return;
    now.isLate = false;
    window.clearTimeout(now.waiting);
    now.waiting = window.setTimeout(function () {
      now.isLate = true;
      refresh();
    }, patience);
    refresh();
  }

  function arrive(answer) {
    var now = page();
    if (!now || !answer || !answer.of) return;
    // A decision does not stand beside fields that are still empty: `ask` has it shown once they are filled.
    if (present() === null) {
      now.early = answer;
      return;
    }
    var of = window.workbench.form.canon(answer.of);
    var number = now.asked.lastIndexOf(of);
    if (number < now.number) return;
    Object.assign(now, { answered: of, number: number, state: answer.state });
    if (answer.tries) now.tries = answer.tries;
    if (answer.is_on_file) now.onFile = answer;
    window.clearTimeout(now.waiting);
    window.dash_clientside.markup.show(answer.places);
    if (answer.notes) window.dash_clientside.fields.tell(answer.notes);
    document.getElementById("scoring-announcer").textContent = answer.said;
    window.workbench.showDuration(answer.duration);
    window.requestAnimationFrame(function () {
      if (present() === of) window.clearTimeout(now.waiting);
      refresh();
      window.workbench.fetchFigures();
    });
  }

  function isField(target) {
    return Boolean(target.closest && target.closest(".scoring .form .field"));
  }

  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (isField(event.target)) await_();
    });
  });

  // A way to an acceptance is tried in the form: the page puts it there.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-way]");
    var now = button && page();
    if (!now || button.getAttribute("aria-disabled") === "true") return;
    var changes = now.tries[Number(button.dataset.way)];
    if (changes) window.dash_clientside.set_props("scoring-attempt", { data: { changes: changes, at: Date.now() } });
  });

  window.workbench = Object.assign({}, window.workbench, {
    // The values that the fields have from now on, with the answer to them: it is shown at once, and `ask` finds it there,
    // two rounds of Dash later.
    bring: function (values, answer) {
      var now = page();
      var of = now && window.workbench.form.canon(values);
      if (!now || window.workbench.form.canon(answer.of) !== of) return;
      now.asked.push(of);
      now.brought = of;
      arrive(answer);
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    answers: {
      // The fields have new values, for which the page now asks, unless the answer came with them.
      ask: function (values) {
        var now = page();
        if (!now || !values) return window.dash_clientside.no_update;
        var of = window.workbench.form.canon(values);
        var isBrought = now.brought === of;
        var early = now.early;
        // What is on file comes with its answer as well.
        var isAnswered = isBrought || Boolean(early && early.is_on_file && window.workbench.form.canon(early.of) === of);
        now.brought = null;
        now.early = null;
        if (!isBrought) {
          now.asked.push(of);
          if (early) arrive(early);
          await_();
        }
        window.workbench.keepDraft();
        window.dash_clientside.sliders.follow();
        // The server does not answer what it has answered when the page was opened.
        if (now.onFile && of !== now.answered && window.workbench.form.canon(now.onFile.of) === of) arrive(now.onFile);
        return isAnswered ? window.dash_clientside.no_update : values;
      },
      // `answer`: the values of the fields it is `of`, its `state`, HTML by `places`, `notes` by field, what is `said`, the
      // `duration`, what the buttons of the ways put into the form (`tries`), and whether it `is_on_file`.
      arrive: arrive,
      // `found`: the decision `on_file` and the `subject` that it is of; kept where that is the one on display.
      keepFound: function (found, subject) {
        var isOfThis =
          found &&
          ["mode", "client", "job", "row"].every(function (part) {
            return found.subject[part] === subject[part];
          });
        return isOfThis ? found.on_file : window.dash_clientside.no_update;
      },
    },
  });
})();
