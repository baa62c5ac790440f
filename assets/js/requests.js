/* Every request of a page says in which language the page was written: another tab may have chosen another one since. */
(function () {
  "use strict";

  var header = "X-Page-Language";
  var html = document.documentElement;
  var ask = window.fetch;
  var send = XMLHttpRequest.prototype.send;
  var open = XMLHttpRequest.prototype.open;

  function isOurs(address) {
    return new URL(address, document.baseURI).origin === window.location.origin;
  }

  window.fetch = function (resource, options) {
    var made = resource instanceof Request;
    if (!isOurs(made ? resource.url : resource)) return ask.apply(this, arguments);
    var headers = new Headers((options && options.headers) || (made ? resource.headers : undefined));
    headers.set(header, html.lang);
    return ask.call(this, resource, Object.assign({}, options, { headers: headers }));
  };

  XMLHttpRequest.prototype.open = function (_method, address) {
    this.isOurs = isOurs(address);
    return open.apply(this, arguments);
  };

  XMLHttpRequest.prototype.send = function () {
    if (this.isOurs) this.setRequestHeader(header, html.lang);
    return send.apply(this, arguments);
  };
})();
