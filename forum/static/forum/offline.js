// What a page does for the time without network. Each page works without this script, and without a worker.
//
//   a star     looks             is kept in localStorage as                           until
//   saved      ★ or ☆            a guid of "stars", the list that the site gave last  the next list
//   waiting    a dashed ring     "star:<who>:<guid>", {want, base, acted, title}      the site has answered to it
//   left       ★ or ☆, a notice  nothing: the person did something else later         "Star it again" is tapped
//
//   a page     comes from                    says
//   live       the network                   "No connection. This page is of 10:31." while there is none
//   kept       the worker, html[data-kept]   "No connection. Programme of 10:31, saved on this phone."
//   kept       it, and the network is back   "3 changes since your copy", and which: kept.js
(() => {
  "use strict";

  const STARS = "/agenda/stars", AT_ONCE = 100; // taps
  const FRESH = 5 * 60 * 1000, PATIENCE = 15000, RETRY = 30000; // milliseconds
  const NO_ANSWER = [0, 502, 503, 504];
  const html = document.documentElement, main = document.querySelector("main"), head = document.querySelector(".site-head");
  const {worker} = document.currentScript.dataset, {kept} = html.dataset, isDocument = "document" in html.dataset;
  const loaded = new Date(Number(kept) || Date.now());
  const madeFor = document.querySelector("input[name=made_for]");
  const banner = make("p", {className: "offline-bar", hidden: true});
  let store = null, stale = false, reached = !kept, timer = 0;
  try {
    store = window.localStorage;
  } catch { /* switched off: nothing can be kept */ }
  if (!store || !main) {
    return;
  }

  function make(tag, about = {}, ...inside) {
    const made = Object.assign(document.createElement(tag), about);
    made.append(...inside);
    return made;
  }

  const list = () => JSON.parse(store.getItem("stars")) ?? {who: "", version: 0, stars: [], at: 0};
  const me = () => (isDocument || !madeFor ? list().who : madeFor.value);
  const changes = (count) => `${count} change${count === 1 ? "" : "s"}`;
  const isOffline = () => !navigator.onLine || !reached;

  // The taps that wait, by guid: this person's, and a visitor's from before the log-in. Another person's stay theirs.
  function waiting(who = me()) {
    const mine = Object.keys(store).filter((key) => ["star::", `star:${who}:`].some((start) => key.startsWith(start)));
    return new Map(mine.map((key) => {
      const text = store.getItem(key);
      return [key.split(":")[2], {...JSON.parse(text), key, text}];
    }));
  }

  function queue(guid, want, title) {
    const {who, version} = list(), base = who === me() ? version : 0;
    try {
      store.setItem(`star:${me()}:${guid}`, JSON.stringify({want, base, acted: Date.now(), title}));
    } catch {
      return false; // no room: it is said to have failed
    }
    show();
    return true;
  }

  function queueTap(star) {
    const title = star.getAttribute("aria-label").replace(/^Star: /, "");
    return queue(star.dataset.guid, star.getAttribute("aria-pressed") !== "true", title);
  }

  function press(button, pressed) {
    button.setAttribute("aria-pressed", pressed);
    button.firstElementChild.textContent = pressed ? "★" : "☆";
    for (const name of ["formaction", "hx-post"].filter((each) => button.hasAttribute(each))) {
      button.setAttribute(name, button.getAttribute(name).replace(/(un)?star$/, pressed ? "unstar" : "star"));
    }
    window.htmx?.process(button);
  }

  // What the site wrote into a live page holds for the stars that do not wait, until it has answered to a replay.
  function paint(answered) {
    const taps = waiting(), stars = new Set(list().stars), all = answered || isDocument;
    for (const button of document.querySelectorAll(".star[data-guid]")) {
      const tap = taps.get(button.dataset.guid), row = button.closest(".session, .session-page");
      const pressed = tap ? tap.want : stars.has(button.dataset.guid);
      if ((tap || all) && button.getAttribute("aria-pressed") !== String(pressed)) {
        press(button, pressed);
      }
      button.classList.toggle("waiting", Boolean(tap));
      row?.querySelector(".waits")?.remove();
      if (tap) {
        row?.querySelector(".meta")?.append(make("span", {className: "waits", textContent: "star waits"}));
      }
    }
    const count = document.getElementById("star-count");
    if (all && count) {
      taps.forEach(({want}, guid) => (want ? stars.add(guid) : stars.delete(guid)));
      count.textContent = stars.size || "";
    }
  }

  function sentences() {
    const today = loaded.toDateString() === new Date().toDateString(), count = waiting().size;
    const day = today ? {} : {weekday: "short", day: "numeric", month: "short"};
    const time = loaded.toLocaleString("en-GB", {hour: "2-digit", minute: "2-digit", ...day});
    const age = kept ? `Programme of ${time}, saved on this phone.` : `This page is of ${time}.`;
    const waits = count === 1 ? "1 change waits" : `${count} changes wait`;
    const lacking = location.pathname === "/agenda/" ? `; your calendars do not have ${count === 1 ? "it" : "them"} yet` : "";
    const others = me() ? 0 : Object.keys(store).filter((key) => /^star:[^:]/.test(key)).length;
    return [
      isOffline() && `No connection. ${age}`,
      count && `${waits}${lacking}.`,
      others && `${changes(others)} on this phone will be saved when you log in again.`,
    ].filter(Boolean).join(" ");
  }

  function show(answered = false) {
    const text = sentences(), waits = waiting().size;
    if (banner.dataset.text !== text) {
      banner.dataset.text = text;
      banner.hidden = !text;
      const again = make("button", {type: "button", className: "link-button", textContent: "Try again"});
      again.onclick = () => (kept ? location.reload() : replay());
      banner.replaceChildren(text, ...(isOffline() || waits ? [" ", again] : []));
    }
    paint(answered);
    closeForms(isOffline());
    clearTimeout(timer);
    timer = waits ? setTimeout(replay, RETRY) : 0;
    document.dispatchEvent(new Event("stars-painted"));
  }

  // What needs the site says so beside its button: ranks, calendars, the account.
  function closeForms(close) {
    for (const button of main.querySelectorAll(":is([hx-post], form[method=post] button):not(.star)")) {
      if (close ? !button.disabled : button.dataset.closed) {
        button.disabled = close;
        button.dataset.closed = close ? "yes" : "";
        const next = button.nextElementSibling;
        close ? button.after(make("small", {className: "needs-network", textContent: " needs a connection"})) : next.remove();
      }
    }
  }

  async function ask(taps, from) {
    const about = {redirect: "error", signal: AbortSignal.timeout(PATIENCE)};
    if (taps) {
      const sent = taps.map(([guid, {want, base, acted}]) => ({guid, want, base, ago: Date.now() - acted}));
      const form = {csrfmiddlewaretoken: from.token, made_for: from.who, taps: JSON.stringify(sent)};
      Object.assign(about, {method: "POST", body: new URLSearchParams(form)});
    }
    const response = await fetch(STARS, about), answer = response.ok ? await response.json() : {};
    if (!Array.isArray(answer.stars)) {
      throw new Error("a refusal, or the log-in page of a Wi-Fi: all waits");
    }
    const {who, version, stars} = answer;
    store.setItem("stars", JSON.stringify({who, version, stars, at: Date.now()}));
    return answer;
  }

  // First the list, with a token that holds, then what waits. A tap that was made meanwhile waits for the next time.
  async function send() {
    const {who, at} = list(), isFresh = !stale && who === me() && Math.abs(Date.now() - at) < FRESH;
    if (!waiting().size && (isFresh || !worker) && reached) {
      return false;
    }
    stale = false;
    let answer = await ask(), answered = false, taps = [];
    while ((taps = [...waiting(answer.who)].slice(0, AT_ONCE)).length) {
      answer = await ask(taps, answer);
      taps.filter(([, tap]) => store.getItem(tap.key) === tap.text).forEach(([, tap]) => store.removeItem(tap.key));
      tell(answer, new Map(taps));
      answered = true;
    }
    return answered;
  }

  async function replay() {
    try {
      const answered = await (navigator.locks ? navigator.locks.request("stars", send) : send());
      if (!reached) {
        reached = true;
        document.dispatchEvent(new Event("back-online"));
      }
      show(answered);
      if (answered) {
        document.body.dispatchEvent(new CustomEvent("stars-changed")); // my agenda is fetched again
      }
    } catch {
      show();
    }
  }

  // What was not done as it was tapped, in words.
  function tell(answer, taps) {
    for (const {guid, want, text} of answer.left) {
      const again = make("button", {type: "button", className: "link-button", textContent: want ? "Star it again" : "Unstar it again"});
      const notice = make("p", {className: "notice"}, `“${taps.get(guid).title}”: ${text} `, again);
      again.onclick = () => {
        notice.remove();
        queue(guid, want, taps.get(guid).title);
        replay();
      };
      main.prepend(notice);
    }
    for (const guid of answer.gone) {
      main.prepend(make("p", {className: "notice"}, `“${taps.get(guid).title}” is no longer in the programme, so it has no star.`));
    }
  }

  const starOf = (element) => element?.closest?.(".star[data-guid]");

  // A star that the site did not answer to waits. Without a worker it has failed, as site.js says.
  function lost(event) {
    const star = starOf(event.detail.elt), {xhr} = event.detail;
    const isStrange = xhr.status === 200 && !xhr.getResponseHeader("HX-Trigger"); // the log-in page of a Wi-Fi
    const isNoAnswer = event.type === "htmx:beforeOnLoad" ? isStrange : NO_ANSWER.includes(xhr.status);
    if (star && isNoAnswer && navigator.serviceWorker?.controller && queueTap(star)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError", "htmx:beforeOnLoad"]) {
    document.addEventListener(name, lost, true);
  }
  document.addEventListener("htmx:afterRequest", ({detail: {elt, successful}}) => {
    if (successful && !elt.classList.contains("waiting")) {
      stale ||= Boolean(starOf(elt));
      starOf(elt) && store.removeItem(`star:${me()}:${elt.dataset.guid}`); // a later tap than that which waited
      setTimeout(replay, 500);
    }
  });
  document.addEventListener("click", (event) => {
    const star = starOf(event.target);
    if (star && (isDocument || star.classList.contains("waiting")) && queueTap(star)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      replay();
    }
  }, true);

  // Logging out takes along what waits, or asks; then nothing of the person stays.
  document.addEventListener("submit", async (event) => {
    const form = event.target, isLogOut = form.matches("form[action$='/logout/']");
    if (!isLogOut && !form.matches("[data-leaving]")) {
      return;
    }
    if (isLogOut && waiting().size && !form.dataset.asked) {
      event.preventDefault();
      await replay();
      form.dataset.asked = "yes";
      const text = `${changes(waiting().size)} could not be saved. Log out again to leave without.`;
      waiting().size ? form.before(make("p", {className: "notice warning", role: "alert"}, text)) : form.requestSubmit();
      return;
    }
    Object.keys(store).filter((key) => /^stars?(:|$)/.test(key)).forEach((key) => store.removeItem(key));
  });

  head?.after(banner);
  banner.setAttribute("role", "status");
  addEventListener("online", replay);
  addEventListener("offline", () => show());
  addEventListener("storage", () => show());
  document.addEventListener("visibilitychange", () => document.hidden || replay());
  document.addEventListener("htmx:afterSettle", () => waiting().size && show());
  addEventListener("load", () => {
    show();
    replay();
    const {event} = head?.dataset ?? {};
    if (worker && navigator.serviceWorker) {
      navigator.serviceWorker.register(worker).catch(() => {});
      navigator.serviceWorker.ready.then(({active}) => event && active.postMessage({keep: `/${event}/offline/`}));
    }
  });
})();
