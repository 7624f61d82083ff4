// Filtering, and opening what a link points into. The report reads without it.
(() => {
  "use strict";
  const byId = id => document.getElementById(id);

  // A link into something closed opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) {
      if (e.tagName === "DETAILS") e.open = true;
      if (e.dataset) delete e.dataset.hidden;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // Ids of rules become links when their list is opened: as links from the
  // beginning they would make half of the file.
  for (const list of document.querySelectorAll("p.ids")) {
    list.closest("details").addEventListener("toggle", () => {
      const parts = list.textContent.split(", ").map(id => {
        if (!byId(id)) return id;
        const link = document.createElement("a");
        link.href = "#" + id;
        link.textContent = id;
        return link;
      });
      list.replaceChildren(...parts.flatMap((part, i) => i ? [", ", part] : [part]));
    }, { once: true });
  }

  // Who has to scroll sideways is told so.
  const seen = new ResizeObserver(entries => {
    for (const { target } of entries) target.classList.toggle("scrolls", target.scrollWidth > target.clientWidth + 1);
  });
  for (const wide of document.querySelectorAll(".wide")) seen.observe(wide);

  for (const filter of document.querySelectorAll(".filter")) {
    const section = byId(filter.dataset.list);
    const rows = [...section.querySelectorAll(".row")];
    const groups = [...section.querySelectorAll(".section, .chapter")];
    const input = filter.querySelector("input");
    const chips = [...filter.querySelectorAll("button")];
    const output = filter.querySelector("output");
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const keys = new Set(chips.filter(c => c.getAttribute("aria-pressed") === "true").map(c => c.dataset.key));
      let shown = 0;
      for (const row of rows) {
        const fits = (!keys.size || keys.has(row.dataset.key)) && words.every(w => row.dataset.words.includes(w));
        row.toggleAttribute("data-hidden", !fits);
        if (fits) shown++;
      }
      for (const group of groups) group.toggleAttribute("data-hidden", !group.querySelector(".row:not([data-hidden])"));
      output.textContent = words.length || keys.size ? `${shown} of ${rows.length} shown` : "";
    };
    input.addEventListener("input", apply);
    for (const chip of chips) chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      apply();
    });
    filter.hidden = false;
  }

  // "/" goes to the filter that is nearest.
  addEventListener("keydown", event => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const inputs = [...document.querySelectorAll(".filter input")];
    const nearest = inputs.reduce((a, b) => Math.abs(b.getBoundingClientRect().top) < Math.abs(a.getBoundingClientRect().top) ? b : a);
    event.preventDefault();
    nearest.focus();
  });

  reveal();
})();
