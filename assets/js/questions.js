/* What was asked for at the press of a button stands beside the values that it is of: it goes once the form says
   something else, and an answer that comes after that is not shown. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    questions: {
      // Nothing is put where nothing stands, so that nothing follows from it.
      drop: function (_values, curve, alike) {
        var none = window.dash_clientside.no_update;
        return [curve ? null : none, alike ? null : none];
      },
      // `answer`: the values it is `of`, what is `said` of it, and its `panel`.
      show: function (answer) {
        var form = window.workbench.form;
        if (!answer || form.canon(answer.of) !== form.canon(form.values())) return [null, null];
        return [answer.said, answer.panel];
      },
    },
  });
})();
