// Filtering, the keyboard, and opening what a link points into. The report reads
// without it.
(() => {
  "use strict";
  const byId = id => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // A link into something closed opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) {
      if (e.tagName === "DETAILS") e.open = true;
      if (e.dataset) delete e.dataset.hidden;
    }
    target.scrollIntoView();
    target.querySelector(":scope > summary")?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);

  // Files of the run open in another tab: here, for six thousand links, and not
  // in each of them.
  addEventListener("click", event => {
    const link = event.target.closest?.("a");
    const href = link?.getAttribute("href");
    if (href && !href.startsWith("#")) {
      link.setAttribute("target", "_blank");
      link.setAttribute("rel", "noopener");
    }
  }, true);

  // Ids of rules, written "PEC-AP-001 005; PEC-GEN-002", become links when their
  // list is opened: as links from the beginning they would make half of the file.
  for (const list of all("p.ids")) {
    list.closest("details").addEventListener("toggle", () => {
      const parts = list.textContent.split("; ").flatMap((family, i) => {
        const [first, ...others] = family.split(" ");
        const stem = first.slice(0, first.lastIndexOf("-") + 1);
        return [first, ...others.map(n => stem + n)].flatMap((id, j) => {
          let shown = id;
          if (byId(id)) {
            shown = document.createElement("a");
            shown.href = "#" + id;
            shown.textContent = id;
          }
          return [j ? ", " : i ? "; " : "", shown];
        });
      });
      list.replaceChildren(...parts);
    }, { once: true });
  }

  // Who has to scroll sideways is told so, and can do it with the keyboard.
  const seen = new ResizeObserver(entries => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth + 1;
      target.classList.toggle("scrolls", scrolls);
      if (scrolls) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const wide of all(".wide")) seen.observe(wide);

  // What a row is found by: what it shows when it is closed, what stands in it
  // under these names, and words that stand nowhere.
  const wordsOf = row => [row.dataset.words || "", ...all(":scope > summary, .other, .cite, .tags, .steps", row).map(e => e.textContent)].join(" ").toLowerCase();

  for (const filter of all(".filter")) {
    const section = byId(filter.dataset.list);
    const rows = all(".row", section);
    const groups = all(".section, .chapter", section);
    const input = filter.querySelector("input");
    const chips = all("button", filter);
    const output = filter.querySelector("output");
    let index; // of the words of the rows: made while nothing else is to be done, or when it is asked for
    const make = () => index ??= new Map(rows.map(row => [row, wordsOf(row)]));
    globalThis.requestIdleCallback?.(make);
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const keys = new Set(chips.filter(c => c.getAttribute("aria-pressed") === "true").map(c => c.dataset.key));
      if (words.length) make();
      let shown = 0;
      for (const row of rows) {
        const fits = (!keys.size || keys.has(row.dataset.key)) && words.every(w => index.get(row).includes(w));
        row.toggleAttribute("data-hidden", !fits);
        if (fits) shown++;
      }
      for (const group of groups) group.toggleAttribute("data-hidden", !group.querySelector(".row:not([data-hidden])"));
      output.textContent = words.length || keys.size ? document.body.dataset.shown.replace("{0}", shown).replace("{1}", rows.length) : "";
    };
    input.addEventListener("input", apply);
    input.addEventListener("keydown", event => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (input.value) {
        input.value = "";
        apply();
      } else input.blur();
    });
    for (const chip of chips) chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      apply();
    });
    filter.hidden = false;
  }

  const nearest = elements => elements.reduce((a, b) => Math.abs(b.getBoundingClientRect().top) < Math.abs(a.getBoundingClientRect().top) ? b : a);

  // step goes to the row after or before the one that has the focus; without one
  // to the nearest.
  const step = by => {
    const summaries = all(".row:not([data-hidden]) > summary").filter(s => !s.closest(".section[data-hidden]"));
    if (!summaries.length) return;
    const at = summaries.indexOf(document.activeElement.closest?.(".row")?.querySelector(":scope > summary"));
    const to = at < 0 ? nearest(summaries) : summaries[at + by];
    if (!to) return;
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  };

  const keys = byId("keys");
  const button = document.querySelector("[data-dialog]");
  button.hidden = false;
  button.addEventListener("click", () => keys.showModal());

  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const onRow = event.target.matches?.(".row > summary");
    switch (event.key) {
      case "/": {
        const input = nearest(all(".filter input"));
        input.focus();
        break;
      }
      case "j": step(1); break;
      case "k": step(-1); break;
      case "ArrowDown": if (!onRow) return; step(1); break;
      case "ArrowUp": if (!onRow) return; step(-1); break;
      case "?": keys.showModal(); break;
      case "Escape": {
        const row = event.target.closest?.(".row[open]");
        if (!row) return;
        row.open = false;
        row.querySelector(":scope > summary").focus();
        break;
      }
      default: return;
    }
    event.preventDefault();
  });

  reveal();
})();
