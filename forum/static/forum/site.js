// What the pages gain where scripts run; each of them works without.
(() => {
  "use strict";

  const REASONS = {
    403: "this page was open too long. Reload it, then try again.",
    404: "this talk is no longer in the programme. Reload the page to see what changed.",
    409: "you logged in or out meanwhile. Reload the page, then try again.",
    410: "this event or your account was deleted. Reload the page.",
    503: "that is not possible at the moment. Try again in a minute.",
  };
  const RELOADED = [403, 404, 409, 410];
  const OFFLINE = "there is no connection. Try again when you are online.";
  const SLOW = "the answer did not come. Check the connection, then try again.";
  const MENUS = ".chip-menu[open], .switch[open], .menu[open]";
  const BROKEN = "something went wrong on our side. Try again in a moment.";

  function dismissToast() {
    document.querySelector(".toast")?.remove();
  }

  function linkToThisPage() {
    const link = document.createElement("a");
    link.href = location.pathname + location.search; // with what follows "#", it would only be scrolled
    link.textContent = "Reload";
    return link;
  }

  // `role` is "alert" for what went wrong, and "status" for what may be done now. agenda.js shows some, too.
  function showToast(role, text, ...more) {
    dismissToast();
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.setAttribute("role", role);
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", dismissToast);
    document.body.append(toast);
    toast.append(text, ...more, close); // after it stands in the page, so that it is read aloud
  }

  window.showToast = showToast;

  // The site says how many seconds remain until it counts from zero again.
  function tooOften(xhr) {
    const minutes = Math.ceil(Number(xhr.getResponseHeader("Retry-After")) / 60);
    return `that was very often. Wait ${minutes > 1 ? `${minutes} minutes` : "a minute"}, then try again.`;
  }

  // What a page fetches by itself, as the clock goes on: nobody waits for it.
  function isByItself(event) {
    return event.detail.requestConfig?.triggeringEvent?.type === "renewed";
  }

  function failed(event, reason) {
    const { elt, requestConfig, xhr } = event.detail;
    if (isByItself(event) || window.keepsStar?.(elt, xhr)) { // offline.js keeps a star that the site did not answer to
      return;
    }
    elt.closest(".star")?.classList.add("failed");
    const more = RELOADED.includes(xhr.status) ? [linkToThisPage()] : [];
    showToast("alert", `${requestConfig.verb === "get" ? "Not up to date" : "Not saved"}: ${reason}`, ...more);
  }

  // A second tap on a star that is being saved says nothing new. It would also wait for its turn on a button that the
  // answer to the first replaces, and htmx forgets all who wait behind one that is gone.
  document.addEventListener("click", (event) => {
    const star = event.target.closest(".star");
    if (star?.dataset.saving) {
      event.preventDefault();
      event.stopPropagation();
    } else if (star && window.htmx) {
      star.dataset.saving = "yes";
    }
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    delete event.detail.elt.closest(".star")?.dataset.saving;
  });

  // After log-out, Back shows no page of a person: its headers forbid that (forum/middleware.py). A visitor's page has
  // no such header, and comes back as it was left. If stars were tapped on it, it is loaded again before it is seen.
  let changed = false;
  document.addEventListener("htmx:beforeRequest", ({ detail: { requestConfig } }) => {
    changed ||= requestConfig.verb !== "get";
  });
  window.addEventListener("pagehide", () => document.documentElement.classList.toggle("stale", changed));
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted && changed) {
      location.reload();
    }
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.elt.closest(".star")?.classList.remove("failed");
    if (!isByItself(event) && event.detail.requestConfig.triggeringEvent?.type !== "toggle") {
      dismissToast();
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    failed(event, xhr.status === 429 ? tooOften(xhr) : REASONS[xhr.status] ?? BROKEN);
  });
  document.addEventListener("htmx:sendError", (event) => failed(event, OFFLINE));
  document.addEventListener("htmx:timeout", (event) => failed(event, SLOW));

  // Each answer of ours has this header (forum/middleware.py). The log-in page of a Wi-Fi has not, and is no answer.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr.status < 400 && !xhr.getResponseHeader("Permissions-Policy")?.includes("publickey-credentials-get")) {
      event.preventDefault();
      window.htmx.trigger(elt, "htmx:sendError", event.detail);
    }
  });

  // What the page says of a choice that cannot be made stands in the page itself.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // When rows are written again, what is unfolded stays so, and the row that stands first on the screen stays where it
  // is, or the next one that is still there; but not one that was starred in a free time, as it goes elsewhere.
  let [open, seen] = [[], []];
  const isShown = (row) => row?.checkVisibility?.() ?? row?.getClientRects().length; // not in a fold that is closed
  const topOf = (row) => (isShown(row) ? row.getBoundingClientRect().top : -1);
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const within = (selector) => (target.matches("[data-rows], main, .free p") ? [...target.querySelectorAll(selector)] : []);
    const leaves = document.activeElement.closest(".free .session");
    open = within("details[open][id]").map(({ id }) => id);
    seen = within("[id^='s-']").filter((row) => row !== leaves && topOf(row) >= 0).map((row) => [row.id, topOf(row)]);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) {
      document.getElementById(id)?.setAttribute("open", "");
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    const [id, top] = seen.find(([each]) => isShown(document.getElementById(each))) ?? [];
    if (id) {
      window.scrollBy({ top: document.getElementById(id).getBoundingClientRect().top - top, behavior: "instant" });
    }
    seen = [];
  });

  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-copy]")) {
      const label = button.textContent;
      button.hidden = false;
      button.addEventListener("click", async () => {
        const source = document.querySelector(button.dataset.copy);
        await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    }
  }

  // Temporal, where there is one, knows the zone at once; Intl takes long to begin.
  const zone = window.Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const form of document.querySelectorAll("form[data-time-zone]")) {
    if (zone) {
      form.elements.time_zone.value = zone;
      form.hidden = false;
    }
  }

  // The days may be wider than a phone: the chosen one is brought into view. Without one, the first stay there. It is
  // done with the next frame, which lays the page out anyway.
  requestAnimationFrame(() => {
    for (const chosen of document.querySelectorAll(".segments [aria-current]:not(:last-child)")) {
      chosen.parentElement.scrollLeft = chosen.offsetLeft + chosen.offsetWidth - chosen.parentElement.clientWidth;
    }
  });

  // What is below the screen is laid out a few rows at a time (site.css), so that no tap waits for all of them. By Back,
  // or when a page is loaded again, all are at once: the browser counts in pixels to where the reader was.
  const isNew = performance.getEntriesByType("navigation")[0]?.type === "navigate", A_FEW = isNew ? 16 : Infinity;
  function layOut() {
    const waiting = document.querySelectorAll("#listing .talks > .session:not(.laid-out), .speaker-grid > .person:not(.laid-out)");
    for (const row of [...waiting].slice(0, A_FEW)) {
      row.classList.add("laid-out");
    }
    if (waiting.length > A_FEW) {
      window.requestIdleCallback?.(layOut);
    }
  }
  if (!isNew) {
    layOut();
  }
  window.addEventListener("load", () => window.requestIdleCallback?.(layOut));

  // The address of a search says what is asked for, and nothing of what is not.
  document.addEventListener("htmx:configRequest", ({ detail: { elt, formData } }) => {
    if (elt.id === "find") {
      for (const name of new Set([...formData.keys()].filter((key) => !formData.get(key)))) {
        formData.delete(name);
      }
    }
  });

  // What is over is folded away; an address that leads into it opens it.
  function unfold() {
    const target = document.querySelector(":target");
    const fold = target?.closest(".earlier details:not([open])");
    if (fold) {
      fold.open = true;
      target.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", unfold);
  window.addEventListener("load", unfold);

  // The way to what is on now is there while that is out of sight.
  let watching = null;
  function watchNow() {
    watching?.disconnect();
    const [now, link] = [document.getElementById("now"), document.querySelector(".to-now")];
    if (now && link) {
      watching = new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => {
        link.classList.toggle("away", !isIntersecting);
        link.classList.toggle("below", boundingClientRect.top > 0);
      }, { rootMargin: "-90px 0px -60px" });
      watching.observe(now);
    }
  }

  // Minutes go on while the page is open, by the site's clock: the reader's may be wrong.
  let since = Date.now();
  function tellMinutes() {
    const now = Date.parse(document.getElementById("listing")?.dataset.now) + Date.now() - since;
    for (const left of document.querySelectorAll(".left")) {
      const minutes = Math.ceil((Date.parse(left.dataset.until) - now) / 60_000);
      left.textContent = minutes > 0 ? `, ${minutes} min left` : ", until a moment ago";
    }
  }
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    if (target.id === "listing") {
      since = Date.now();
      watchNow();
      layOut();
    }
  });
  document.addEventListener("visibilitychange", tellMinutes);
  setInterval(tellMinutes, 15_000);
  watchNow();

  // A menu of choices closes as menus do: by Escape, or by turning elsewhere.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(MENUS);
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(MENUS)) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    }
  });
})();

// Keeps a page fresh without reloading it: minutes run on, and a changed programme is said and shown on demand.
//
// state      what it waits for                             what happens then
// hidden     the page is seen again                        → waiting, at once; what follows the clock is renewed
// waiting    a minute, more or less, while it is seen      asks for the version: the same → waiting; another → changed
// changed    Show is pressed                               the rows are swapped where they stand → waiting
// failed     nothing came, or an error                     → waiting, twice as long each time
// (no state) the page has no #fresh, or it is gone (404)   asks nothing
(() => {
  "use strict";

  const MINUTE = 60_000;
  const LONGEST = 16 * MINUTE;
  const TICK = 5_000;
  let patience = MINUTE;
  let timer = 0;
  let seen = Date.now();

  // Minutes run by the server's clock, as the page has it.
  let ahead = 0;
  function setClock() {
    const at = Date.parse(document.querySelector("[data-now]")?.dataset.now);
    ahead = Number.isNaN(at) ? 0 : at - Date.now();
  }

  function inWords(minutes) {
    const hours = Math.floor(minutes / 60);
    return [hours && `${hours} h`, (minutes % 60 || !hours) && `${minutes % 60} min`].filter(Boolean).join(" ");
  }

  function renew() {
    seen = Date.now();
    window.htmx?.trigger(document.body, "renewed");
  }

  function tick() {
    if (document.hidden) {
      return;
    }
    const now = Date.now() + ahead;
    let isOver = false;
    for (const time of document.querySelectorAll("time[data-minutes]")) {
      const left = Date.parse(time.dateTime) - now;
      const words = inWords(Math.max(0, Math.ceil(left / MINUTE)));
      isOver ||= left <= 0;
      if (time.textContent !== words) {
        time.textContent = words;
      }
    }
    for (const bar of document.querySelectorAll("progress[data-since]")) {
      bar.value = (now - Date.parse(bar.dataset.since)) / 1000;
    }
    if (isOver && Date.now() - seen > MINUTE / 4) { // what is over makes room; if nothing comes, it asks again
      renew();
    }
  }

  function wait(span) {
    clearTimeout(timer);
    timer = setTimeout(ask, span * (0.75 + Math.random() / 2));
  }

  const isOurs = (answer) => answer.ok && answer.headers.get("Content-Type")?.startsWith("text/plain");

  async function ask() {
    const fresh = document.getElementById("fresh");
    if (!fresh || document.hidden) {
      return;
    }
    try {
      const answer = await fetch(fresh.dataset.poll, { cache: "no-cache", credentials: "omit" });
      if ([404, 410].includes(answer.status)) {
        return;
      }
      if (!isOurs(answer)) {
        throw new Error("an error, or the log-in page of a Wi-Fi");
      }
      patience = MINUTE;
      if (await answer.text() !== fresh.dataset.version) {
        await say(fresh);
      }
    } catch {
      patience = Math.min(2 * patience, LONGEST);
    }
    wait(patience);
  }

  // Asked again each time, as more may have changed since.
  async function say(fresh) {
    const answer = await fetch(`${fresh.dataset.poll}?since=${fresh.dataset.version}`, { credentials: "omit" });
    const words = await answer.text();
    if (!isOurs(answer) || fresh.dataset.said === words) {
      return;
    }
    fresh.dataset.said = words;
    const show = document.createElement("a");
    show.href = location.pathname + location.search;
    show.textContent = "Show";
    show.addEventListener("click", (event) => {
      if (window.htmx) {
        event.preventDefault();
        swap(fresh);
      }
    });
    fresh.replaceChildren(`${words} `, show);
    fresh.className = "notice";
  }

  async function swap(fresh) {
    const select = `#${(fresh.closest("[data-rows]") ?? document.getElementById("main")).id}`;
    await window.htmx.ajax("GET", location.pathname + location.search, { target: select, select, swap: "outerHTML settle:0ms" });
    document.getElementById("main").focus({ preventScroll: true });
    wait(patience);
  }

  document.addEventListener("htmx:afterSettle", setClock);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      return;
    }
    wait(0);
    tick();
    if (Date.now() - seen > MINUTE) {
      renew();
    }
  });
  setClock();
  setInterval(tick, TICK);
  wait(patience);
})();
