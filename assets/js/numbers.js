/* Reads a number as it is typed in the language of the page. */
(function () {
  "use strict";

  var plain = /^[+-]?(\d+\.?\d*|\.\d+)$/;

  window.workbench = Object.assign({}, window.workbench, {
    // NaN where the text is no number. A comma is the decimal sign in French, and only groups digits in English.
    number: function (text) {
      var digits = text.replace(/[\s\u00a0\u202f'’]/g, "").replace("−", "-").replace(/[€$£%]+$/, "");
      digits = digits.replace(/,/g, document.documentElement.lang === "fr" ? "." : "");
      return plain.test(digits) ? Number(digits) : NaN;
    },
  });
})();
