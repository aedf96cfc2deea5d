// Comforts on top of pages that work without: keys, menus that close, focus that goes where the eye goes.
(function () {
  "use strict";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.hub-menu[open]").forEach((menu) => menu.removeAttribute("open"));
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const box = document.getElementById("q");
      if (box) { box.focus(); box.select(); event.preventDefault(); }
      return;
    }
    // A button or link that names its key: <button data-key="1">.
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (wanted) { wanted.click(); event.preventDefault(); }
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.hub-menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  // What changed without a new page is said to those who do not see it: a response header X-Announce.
  document.addEventListener("htmx:afterRequest", (event) => {
    const said = event.detail.xhr && event.detail.xhr.getResponseHeader("X-Announce");
    if (said) document.getElementById("announcements").textContent = decodeURIComponent(said);
  });
})();
