// What makes the pages more comfortable. All of them work without.
"use strict";

(() => {
  const box = document.getElementById("q");

  // "/" goes to the search box.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
})();
