// The code of an invitation stands behind # in its link, which no server, log or Referer sees. Put it into the field,
// and take it out of the address and of this page's entry in the history.
(function () {
  "use strict";
  function take() {
    var field = document.getElementById("code");
    var code = window.location.hash.slice(1);
    if (field && /^[\w-]{20,}$/.test(code)) {
      field.value = code;
      window.history.replaceState(null, "", window.location.pathname);
    }
  }
  window.addEventListener("hashchange", take);
  take();
})();
