/* The client finder as an ARIA combobox: options by arrow keys, Enter opens, Escape closes, "/" comes from anywhere. */
(function () {
  "use strict";

  var inputId = "shell-finder-input";
  var listId = "shell-finder-options";

  function input() {
    return document.getElementById(inputId);
  }

  function list() {
    return document.getElementById(listId);
  }

  function options() {
    return Array.from(list().querySelectorAll("a[role='option']"));
  }

  function isOpen() {
    return list() && !list().hidden;
  }

  function setOpen(open) {
    list().hidden = !open;
    input().setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  }

  function choose(option) {
    options().forEach(function (each) {
      each.setAttribute("aria-selected", String(each === option));
    });
    if (option) {
      input().setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input().removeAttribute("aria-activedescendant");
    }
  }

  function move(step) {
    var all = options();
    if (!all.length) return;
    var at = all.findIndex(function (each) {
      return each.getAttribute("aria-selected") === "true";
    });
    choose(all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
  }

  function open(option) {
    option.click();
    clear();
  }

  function clear() {
    setOpen(false);
    // React keeps its own idea of the value: it is told through the setter that it watches.
    var setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    setter.call(input(), "");
    input().dispatchEvent(new Event("input", { bubbles: true }));
    input().blur();
  }

  document.addEventListener("focusin", function (event) {
    if (event.target.id !== inputId) return;
    var roles = { role: "combobox", "aria-autocomplete": "list", "aria-controls": listId, "aria-haspopup": "listbox" };
    Object.keys(roles).forEach(function (name) {
      event.target.setAttribute(name, roles[name]);
    });
    setOpen(true);
  });

  document.addEventListener("focusout", function (event) {
    // A click on an option takes the focus first and must still find it there.
    if (event.target.id === inputId) awaited = null;
    if (event.target.id === inputId && !(event.relatedTarget && event.relatedTarget.closest("#" + listId))) {
      setOpen(false);
    }
  });

  document.addEventListener("mousedown", function (event) {
    if (event.target.closest("#" + listId)) event.preventDefault();
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("#" + listId + " a[role='option']")) clear();
  });

  document.addEventListener("keydown", function (event) {
    var typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && input()) {
      event.preventDefault();
      input().focus();
      return;
    }
    if (event.target.id !== inputId) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) setOpen(true);
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      enter();
    } else if (event.key === "Escape" && isOpen()) {
      awaited = null;
      setOpen(false);
    } else if (!isOpen() && event.key.length === 1) {
      setOpen(true);
    }
  });

  // What was typed when Enter came before its options did: they are opened as soon as they are there.
  var awaited = null;

  new MutationObserver(function (changes) {
    var inList = changes.some(function (change) {
      return change.target.id === listId;
    });
    if (awaited === null || !inList || !input()) return;
    if (input().value === awaited) enter();
    else awaited = null;
  }).observe(document.documentElement, { childList: true, subtree: true });

  // Enter takes the chosen option; without one, the client whose whole number was typed.
  function enter() {
    if (!isOpen()) setOpen(true);
    var all = options();
    var chosen = all.find(function (each) {
      return each.getAttribute("aria-selected") === "true";
    });
    var digits = input().value.replace(/\D/g, "");
    var exact = all.find(function (each) {
      return digits && each.getAttribute("href").endsWith("client=" + digits);
    });
    awaited = chosen || exact || !digits ? null : input().value;
    if (chosen || exact) open(chosen || exact);
  }
})();
