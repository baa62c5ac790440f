/* The Documentation page: places within a text, code to copy, the search, and the glossary that narrows as one types. */
(function () {
  "use strict";

  var plainCache = new WeakMap();

  function plain(text) {
    return text
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase();
  }

  /* Places within a text: a page of ours is drawn after its address has changed, so its place is waited for. */

  function goToPlace(focus) {
    var name = decodeURIComponent(window.location.hash.slice(1));
    if (!name || !document.querySelector(".doc, #main")) return;
    var until = Date.now() + 4000;
    var last = -1;
    var settled = 0;
    var moved = false;
    var stop = function () {
      moved = true;
    };
    window.addEventListener("wheel", stop, { once: true, passive: true });
    window.addEventListener("keydown", stop, { once: true });
    window.addEventListener("touchstart", stop, { once: true, passive: true });
    (function look() {
      var place = document.querySelector(".doc") && document.getElementById(name);
      if (moved || Date.now() > until) return;
      if (place) {
        var top = Math.round(place.getBoundingClientRect().top + window.scrollY);
        // What comes late above it pushes it down: it is followed until it stays.
        settled = top === last ? settled + 1 : 0;
        if (top !== last) place.scrollIntoView();
        last = top;
        if (settled > 8) {
          if (focus) {
            place.tabIndex = -1;
            place.focus({ preventScroll: true });
          }
          return;
        }
      }
      window.setTimeout(look, 60);
    })();
  }

  window.addEventListener("load", function () {
    goToPlace(false);
  });
  window.addEventListener("_dashprivate_pushstate", function () {
    window.setTimeout(function () {
      goToPlace(true);
    }, 0);
  });

  // Links within Markdown know nothing of `data-link`.
  document.addEventListener(
    "click",
    function (event) {
      var link = event.target.closest(".prose a[href^='/']:not([data-link])");
      if (link) link.dataset.link = "page";
    },
    true
  );

  /* The chapter that is read is marked in the table of contents. */

  var waiting = false;
  function mark() {
    waiting = false;
    var contents = document.querySelector(".doc-contents");
    if (!contents) return;
    var here = null;
    contents.querySelectorAll("a").forEach(function (link) {
      var place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (place && place.getBoundingClientRect().top < 160) here = link;
    });
    contents.querySelectorAll("a").forEach(function (link) {
      link.classList.toggle("is-here", link === here);
    });
  }
  window.addEventListener(
    "scroll",
    function () {
      if (!waiting) window.requestAnimationFrame(mark);
      waiting = true;
    },
    { passive: true }
  );

  /* On a phone the way between the sections is wider than the screen: the current one is brought into it. */

  function bringIn() {
    var current = document.querySelector(".doc-ways [aria-current]");
    var strip = current && current.closest("ul");
    if (strip) strip.scrollLeft = current.offsetLeft - strip.offsetLeft - 16;
    return Boolean(strip);
  }
  new MutationObserver(function () {
    var ways = document.querySelector(".doc-ways");
    if (ways && !ways.dataset.seen && bringIn()) ways.dataset.seen = "yes";
  }).observe(document.documentElement, { childList: true, subtree: true });

  /* Code to copy */

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-action='copy-code']");
    if (!button) return;
    var words = button.querySelector(".copy-words");
    var before = words.dataset.before || words.textContent;
    words.dataset.before = before;
    navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent).then(function () {
      words.textContent = button.dataset.done;
      window.setTimeout(function () {
        words.textContent = before;
      }, 2000);
    });
  });

  /* The search: what was found closes with Escape, a click elsewhere, or a choice. */

  // What lies under the open list is out of reach until it closes.
  function cover() {
    document.querySelectorAll(".doc").forEach(function (page) {
      var finder = page.querySelector(".doc-finder");
      var open = finder && finder.querySelector(".doc-found:not([hidden])") && !finder.matches(".is-closed");
      page.querySelectorAll(":scope > .doc-ways, :scope > .doc-ways ~ *").forEach(function (under) {
        under.inert = Boolean(open);
      });
    });
  }
  new MutationObserver(cover).observe(document.documentElement, { attributeFilter: ["hidden"], subtree: true });

  document.addEventListener("click", function (event) {
    document.querySelectorAll(".doc-finder").forEach(function (finder) {
      var inside = finder.contains(event.target) && !event.target.closest(".doc-found a");
      finder.classList.toggle("is-closed", !inside);
    });
    cover();
  });
  document.addEventListener("focusin", function (event) {
    document.querySelectorAll(".doc-finder").forEach(function (finder) {
      if (finder.contains(event.target)) finder.classList.remove("is-closed");
      else finder.classList.add("is-closed");
    });
    cover();
  });
  document.addEventListener("keydown", function (event) {
    var finder = event.target.closest && event.target.closest(".doc-finder");
    if (!finder) return;
    if (event.key === "Escape") {
      finder.querySelector("input").focus();
      finder.classList.add("is-closed");
      cover();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    var stops = [finder.querySelector("input")].concat(Array.from(finder.querySelectorAll(".doc-found a")));
    var next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      finder.classList.remove("is-closed");
      cover();
      next.focus();
    }
  });
  document.addEventListener("input", function (event) {
    var finder = event.target.closest(".doc-finder");
    if (finder) finder.classList.remove("is-closed");
    cover();
  });

  /* The glossary: all its rows are there; those that do not hold the words are hidden. */

  function value(id) {
    var control = document.getElementById(id);
    return control ? control.value : "";
  }

  function narrow() {
    var list = document.getElementById("documentation-terms");
    if (!list) return;
    var wanted = plain(value("documentation-term-search")).split(/\s+/).filter(Boolean);
    var table = value("documentation-term-table");
    var group = value("documentation-term-group");
    var seen = value("documentation-term-seen");
    var count = 0;
    list.querySelectorAll("li").forEach(function (row) {
      var text = plainCache.get(row);
      if (text === undefined) {
        text = plain(row.dataset.text);
        plainCache.set(row, text);
      }
      var fits =
        (table === "all" || row.dataset.table === table) &&
        (group === "all" || row.dataset.group === group) &&
        (seen !== "seen" || row.dataset.rank !== "") &&
        wanted.every(function (word) {
          return text.includes(word);
        });
      row.hidden = !fits;
      if (fits) count += 1;
    });
    var said = document.getElementById("documentation-term-count");
    var words = count === 0 ? said.dataset.none : count === 1 ? said.dataset.one : said.dataset.many;
    said.textContent = words.replace("000", count);
  }

  ["input", "change"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (event.target.id && event.target.id.indexOf("documentation-term-") === 0) narrow();
    });
  });

  // An entry opens beside the list, without drawing the page anew; the address says which.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-entry]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.history.replaceState(window.history.state, "", link.href);
    window.dash_clientside.set_props("documentation-entry", { data: link.dataset.entry });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    documentation: {
      // Marks the entry that is open, and brings it before the reader's eyes where the two stand below each other.
      opened: function (_shown, entry, rows) {
        var list = document.getElementById("documentation-terms");
        if (!list || !rows) return;
        if (!list.dataset.filled) window.dash_clientside.markup.show(rows);
        var chosen = null;
        list.querySelectorAll("a[data-entry]").forEach(function (link) {
          if (link.dataset.entry === entry) {
            link.setAttribute("aria-current", "true");
            chosen = link;
          } else {
            link.removeAttribute("aria-current");
          }
        });
        var panel = document.getElementById("documentation-term");
        if (chosen && panel) {
          if (!chosen.contains(document.activeElement)) {
            list.scrollTop = chosen.offsetTop - list.clientHeight / 3;
          } else if (panel.getBoundingClientRect().top > window.innerHeight * 0.6 || panel.offsetTop < list.offsetTop) {
            panel.scrollIntoView({ block: "start" });
          }
        }
        narrow();
      },
    },
  });
})();
