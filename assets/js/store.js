/* Dash tells every component of a page of each of the thousand steps in which a page is filled, and each looks whether
   it is concerned. Here they are told once of all the steps that follow one another without a pause: React draws only
   after them in any case. */
(function () {
  "use strict";

  var store;

  // React's own tasks come as messages.
  function isOfReader() {
    return window.event !== undefined && window.event.type !== "message";
  }

  function together(listener) {
    var isAwaited = false;

    function tell() {
      isAwaited = false;
      store.told += 1;
      listener();
    }

    return function () {
      store.steps += 1;
      if (isOfReader()) {
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
