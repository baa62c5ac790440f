/* Once a session has ended, the page is loaded anew: the server then leads to the sign-in, and from there back here. */
(function () {
  "use strict";

  var ask = window.fetch;
  var leaving = false;

  window.fetch = function () {
    return ask.apply(this, arguments).then(function (answer) {
      if (answer.status === 401 && !leaving) {
        leaving = true;
        window.location.reload();
      }
      return answer;
    });
  };
})();
