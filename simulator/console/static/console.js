// The console's one script. It only makes a page, which is whole without it,
// follow the world: when the server tells that something has happened, the page
// is fetched again and its parts marked data-live are exchanged. There is one way
// to draw a page, and it is the server's.
(() => {
  "use strict";
  const status = document.querySelector("[data-status]");
  const notice = document.querySelector("[data-notice]");
  const language = document.documentElement.lang;

  // The clock ticks between two looks at the server.
  let offset = 0;
  const hours = new Intl.DateTimeFormat("it-IT", { timeZone: "Europe/Rome", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const read = () => {
    const shown = document.querySelector("[data-now]");
    offset = shown ? Number(shown.dataset.now) - Date.now() : 0;
  };
  const tick = () => {
    const shown = document.querySelector("[data-now]");
    if (shown) shown.textContent = hours.format(new Date(Date.now() + offset));
  };
  read();
  setInterval(tick, 250);

  // What was not in the picture before is drawn, one arrow after the other.
  const words = (part) => [...part.querySelectorAll("[data-step]")].map((s) => s.textContent);
  const animate = (before, exchange, part) => {
    const canvas = part.querySelector("[data-exchange]");
    if (!canvas) return;
    const known = exchange === canvas.dataset.exchange ? before.slice() : [];
    let late = 0;
    for (const step of canvas.querySelectorAll("[data-step]")) {
      const at = known.indexOf(step.textContent);
      if (at >= 0) { known.splice(at, 1); continue; }
      step.classList.add("fresh");
      step.style.animationDelay = `${Math.min(late++ * 130, 2000)}ms`;
    }
  };

  const exchange = (next) => {
    const focused = document.activeElement && document.activeElement.getAttribute("href");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = [...next.querySelectorAll("[data-live]")].find((p) => p.dataset.live === part.dataset.live);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      const holder = part.querySelector("[data-exchange]");
      const before = words(part), shown = holder && holder.dataset.exchange, top = part.scrollTop, left = holder && holder.scrollLeft;
      const open = [...part.querySelectorAll("details")].map((d) => d.open);
      part.replaceChildren(...fresh.childNodes);
      part.querySelectorAll("details").forEach((d, i) => { d.open = Boolean(open[i]); });
      part.scrollTop = top;
      const canvas = part.querySelector("[data-exchange]");
      if (canvas && left) canvas.scrollLeft = left;
      animate(before, shown, part);
    }
    if (focused && document.activeElement === document.body) {
      const again = [...document.querySelectorAll("[data-live] a")].find((a) => a.getAttribute("href") === focused);
      if (again) again.focus({ preventScroll: true });
    }
    document.body.dataset.after = next.body.dataset.after;
    read();
    tick();
  };

  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { "Accept-Language": language } });
      if (answer.ok) exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The stream tells when the server is gone.
    } finally {
      busy = false;
      if (again) { again = false; setTimeout(refresh, 150); }
    }
  };

  const tell = (text, problem) => {
    notice.textContent = text;
    notice.hidden = !text;
    notice.classList.toggle("problem", Boolean(problem));
  };
  const state = (on) => {
    status.textContent = on ? status.dataset.yes : status.dataset.no;
    status.classList.toggle("lost", !on);
  };

  const stream = new EventSource(`/live?after=${document.body.dataset.after}`);
  stream.addEventListener("hello", () => state(true));
  stream.addEventListener("error", () => state(false));
  for (const name of ["happened", "gone"]) {
    stream.addEventListener(name, () => {
      state(true);
      status.classList.remove("beat");
      void status.offsetWidth; // so that the pulse begins again
      status.classList.add("beat");
      refresh();
    });
  }

  // Actions are done without leaving the page.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("quiet" in form.dataset)) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    tell(form.dataset.quiet || "");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const problem = page.querySelector("[data-problem] p");
      tell(problem ? problem.textContent : (page.querySelector("[data-notice]") || {}).textContent || "", problem);
      if (!problem && form.matches(".panel")) form.reset();
    } catch (error) {
      tell(String(error), true);
    } finally {
      form.removeAttribute("aria-busy");
      refresh();
    }
  });

  // Arrows move in lists, / goes to the search.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "/") {
      const search = document.querySelector("main input");
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const list = event.target.closest("[data-list]");
    if (!list) return;
    const links = [...list.querySelectorAll("a")];
    const to = links[links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (to) { event.preventDefault(); to.focus(); }
  });
})();
