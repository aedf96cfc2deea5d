// Commands by their words: Ctrl+K or ⌘K opens a list of pages and acts of this page, and finds partners as one types.
(function () {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input"), list = dialog.querySelector("[role=listbox]");
  const own = [...document.querySelectorAll("[data-go], [data-key], .hub-menu-item[href]")].map((each) => ({
    words: (each.dataset.does || each.textContent).replace(/\s+/g, " ").trim(),
    key: each.dataset.go ? `g ${each.dataset.go}` : each.dataset.key || "",
    run: () => each.click(),
  })).filter((each, place, all) => each.words && all.findIndex((other) => other.words === each.words) === place);
  let shown = [], chosen = 0, asked = 0, waiting = 0;

  const choose = (place) => {
    chosen = shown.length ? (place + shown.length) % shown.length : 0;
    [...list.children].forEach((each, number) => each.setAttribute("aria-selected", String(number === chosen)));
    const now = list.children[chosen];
    if (now) { input.setAttribute("aria-activedescendant", now.id); now.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };
  const show = (commands) => {
    shown = commands;
    list.replaceChildren(...commands.map((each, number) => {
      const entry = document.createElement("li"), words = document.createElement("span"), key = document.createElement(each.key ? "kbd" : "span");
      entry.id = `palette-${number}`;
      entry.setAttribute("role", "option");
      words.textContent = each.words;
      key.textContent = each.key || each.kind || "";
      key.className = each.key ? "" : "text-secondary";
      entry.append(words, key);
      entry.addEventListener("click", () => run(number));
      return entry;
    }));
    dialog.querySelector("p").hidden = commands.length > 0;
    choose(0);
  };
  const run = (place) => {
    const command = shown[place];
    if (!command) return;
    dialog.close();
    command.run();
  };
  const matching = (typed) => own.filter((each) => typed.toLowerCase().split(/\s+/).every((word) => each.words.toLowerCase().includes(word)));
  const find = (typed) => {
    const number = ++asked;
    fetch(`/api/search?q=${encodeURIComponent(typed)}`, { headers: { accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : { groups: [] }))
      .then((told) => {
        if (number !== asked) return;
        const hits = told.groups.flatMap((group) => group.hits.slice(0, 5).map((hit) => ({
          words: hit.title, kind: group.kind, run: () => location.assign(hit.address),
        })));
        show([...matching(typed), ...hits.slice(0, 12), { words: `Search everything for “${typed}”`, run: () => location.assign(`/search?q=${encodeURIComponent(typed)}`) }]);
      }, () => {});
  };

  input.addEventListener("input", () => {
    const typed = input.value.trim();
    clearTimeout(waiting);
    asked += 1;
    show(matching(typed));
    if (typed.length > 1) waiting = setTimeout(() => find(typed), 180);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { choose(chosen + (event.key === "ArrowDown" ? 1 : -1)); event.preventDefault(); }
    if (event.key === "Enter") { run(chosen); event.preventDefault(); }
  });
  const open = () => { if (!dialog.open) { input.value = ""; show(own); dialog.showModal(); } };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") { open(); event.preventDefault(); }
  });
  document.querySelectorAll("[data-palette]").forEach((button) => { button.hidden = false; button.addEventListener("click", open); });
})();
