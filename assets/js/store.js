/* Dash tells every component of a page of each of the thousand steps in which a page is filled, and each looks whether
   it is concerned. Here they are told once of all the steps that follow one another without a pause, as React draws only
   after them in any case; of steps that no component looks at, not at all. */
(function () {
  "use strict";

  // What Dash keeps for itself: which callbacks wait or run, where components are.
  var notShown = { callbacks: true, callbackJobs: true, changed: true, loginRequest: true, paths: true, profile: true };
  // Whether something is asked for. It is told in a task of its own, and most often with the answer that came meanwhile.
  var progress = { isLoading: true, loading: true };

  var store;

  // React's own tasks come as messages.
  function isOfReader() {
    return window.event !== undefined && window.event.type !== "message";
  }

  function together(listener) {
    var told = store.getState();
    var isAwaited = false;
    var later = null;

    function tell() {
      isAwaited = false;
      window.clearTimeout(later);
      later = null;
      told = store.getState();
      store.told += 1;
      listener();
    }

    return function () {
      store.steps += 1;
      var state = store.getState();
      var changed = Object.keys(state).filter(function (part) {
        return state[part] !== told[part] && !notShown[part];
      });
      var isProgress = changed.every(function (part) {
        return progress[part];
      });
      if (!changed.length) return;
      if (isProgress) {
        if (later === null && !isAwaited) later = window.setTimeout(tell, 0);
      } else if (isOfReader()) {
        tell();
      } else if (!isAwaited) {
        isAwaited = true;
        window.queueMicrotask(function () {
          if (isAwaited) tell();
        });
      }
    };
  }

  // Dash keeps its store here as soon as it has made it, before any component listens.
  Object.defineProperty(window, "store", {
    configurable: true,
    get: function () {
      return store;
    },
    set: function (made) {
      var subscribe = made.subscribe;
      store = made;
      store.steps = store.told = 0;
      // Only what hands on to components: what decides on callbacks has to see each step.
      store.subscribe = function (listener) {
        return subscribe(/\.onStateChange\b/.test(listener) ? together(listener) : listener);
      };
    },
  });
})();
