// Comfort only: every page works without this file, and nothing is stored, sent or watched here.
(function () {
  "use strict";
  var summary = document.getElementById("summary");
  if (summary) {
    summary.focus();
  }
  // Where a change leads, the answer is at hand.
  var place = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (!summary && place && /^(INPUT|SELECT)$/.test(place.tagName)) {
    place.focus();
  }
  var exit = document.getElementById("exit");
  if (exit) {
    // Replaces this page in the history, so that Back does not lead here again.
    exit.addEventListener("click", function (event) {
      event.preventDefault();
      document.documentElement.hidden = true;
      window.location.replace(exit.href);
    });
  }
  var print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () {
      window.print();
    });
  }
})();
