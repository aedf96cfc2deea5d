// Comforts on top of pages that work without: keys, menus that close, focus that goes where the eye goes.
(function () {
  "use strict";
  let gone = -Infinity;
  const show = (id) => { const dialog = document.getElementById(id); if (dialog && !dialog.open) dialog.showModal(); };
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.hub-menu[open]").forEach((menu) => menu.removeAttribute("open"));
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const box = document.getElementById("q");
      if (box) { box.focus(); box.select(); event.preventDefault(); }
      return;
    }
    if (event.key === "?") { show("keys"); event.preventDefault(); return; }
    // Two keys lead to a page, `g` and what <a data-go="p"> says; one presses what names it: <button data-key="1">.
    const goes = event.timeStamp - gone < 1500;
    gone = event.key === "g" ? event.timeStamp : -Infinity;
    const wanted = document.querySelector(`[data-${goes ? "go" : "key"}="${CSS.escape(event.key)}"]`);
    if (wanted) { wanted.click(); event.preventDefault(); }
  });

  // The keys of every page, and those that this one names.
  const own = (each) => {
    const key = document.createElement("kbd"), term = document.createElement("dt"), words = document.createElement("dd");
    key.textContent = each.dataset.key;
    term.append(key);
    words.textContent = each.dataset.does || each.textContent.replace(each.dataset.key, "").trim();
    return [term, words];
  };
  const list = document.querySelector("#keys dl");
  if (list) document.querySelectorAll("[data-key]").forEach((each) => list.append(...own(each)));
  document.querySelectorAll("[data-opens]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => show(button.dataset.opens));
  });

  // <a data-edits="…"> opens the form of the value one looks at, or of the first, and puts the cursor into it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-edits]");
    if (!link) return;
    const before = link.dataset.edits, at = document.activeElement && document.activeElement.closest(before);
    const value = at || [...document.querySelectorAll(before)].find((each) => each.querySelector("form input[name=value]"));
    if (!value) return;
    event.preventDefault();
    value.open = true;
    const box = value.querySelector("form input[name=value]");
    (box || value.querySelector("summary")).focus();
    if (box) box.select();
  });

  // <button data-copies="…"> puts words where they can be pasted; shown only where a browser lets a page do so.
  document.querySelectorAll("[data-copies]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copies).then(() => {
      document.getElementById("announcements").textContent = `Copied: ${button.dataset.copies}`;
      button.classList.add("is-copied");
    }));
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
