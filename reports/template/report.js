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
