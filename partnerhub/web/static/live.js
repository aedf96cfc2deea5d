// A run at work: its parts are replaced as they change, and the page is read anew when the run has ended.
(function () {
  "use strict";
  const live = document.getElementById("live");
  const rows = document.getElementById("rows");
  if (!live || !rows || !window.EventSource) return;

  const say = (words) => { document.getElementById("announcements").textContent = words; };
  const place = (id) => {
    const found = document.getElementById(id);
    if (found) return found;
    const row = document.createElement("tr");
    row.id = id;
    rows.append(row);
    return row;
  };

  const source = new EventSource(live.dataset.events);
  source.addEventListener("open", () => { live.hidden = false; });
  source.addEventListener("error", () => { live.hidden = true; });
  source.addEventListener("part", (event) => {
    const part = JSON.parse(event.data);
    const there = place(part.id);
    // Who stands on a link in a row keeps it: the row changes when they leave.
    if (there.contains(document.activeElement)) return;
    there.innerHTML = part.html; // made by our own templates, which escape everything
  });
  source.addEventListener("end", (event) => {
    source.close();
    live.hidden = true;
    say(`The run has ended: ${JSON.parse(event.data).state.replace("_", " ")}.`);
    setTimeout(() => window.location.reload(), 400);
  });
  window.addEventListener("pagehide", () => source.close());
})();
