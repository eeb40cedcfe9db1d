// Stars given and taken without network. Each page works without this script, and without a worker.
//
//   a star     looks                  is kept in localStorage as                           until
//   saved      ★ or ☆                 a guid of "stars", the list that the site gave last  the next list
//   waiting    a dashed ring, "waits" "star:<who>:<guid>", {want, base, acted, title}      the site has answered to it
//   left       ★ or ☆, and a notice   nothing: the person did something else later         it is tapped again
//
//   a page     comes from                    says
//   live       the network                   "No connection. This page is of 10:31." while there is none
//   kept       the worker, html[data-kept]   "No connection. Programme of 10:31, saved on this device."
//   kept       it, and the network is back   "3 changes since your copy", and which: kept.js
//
// What waits is sent when a page is loaded, when it is seen again, when the network is back, after any other request
// that went well, and every RETRY.
(() => {
  "use strict";

  const ADDRESS = "/agenda/stars", AT_ONCE = 100; // taps
  const FRESH = 5 * 60 * 1000, PATIENCE = 15000, RETRY = 30000; // milliseconds
  const NEEDS_NETWORK = "main :is(button[hx-post], form[method=post] button, .clash-box [type=radio])";
  const LEAVING = "[action$='/logout/'], [data-leaving]";
  const {worker} = document.currentScript.dataset, {kept} = document.documentElement.dataset;
  const isWhole = document.documentElement.matches("[data-document]"); // the whole programme, without a form
  const store = window.localStorage; // an error where it is switched off: nothing can be kept then
  const bar = document.getElementById("offline-bar"), [words, again] = bar.children;
  const loaded = new Date(kept ?? Date.now());
  let isReached = !kept;

  const list = () => JSON.parse(store.getItem("stars")) ?? {who: "", version: 0, stars: [], at: 0};
  const keepList = (list) => store.setItem("stars", JSON.stringify(list));
  const me = () => document.querySelector("input[name=made_for]")?.value ?? list().who;
  const starOf = (element) => element?.closest?.(".star[data-guid]");
  const changes = (count) => `${count} change${count === 1 ? "" : "s"}`;

  // The taps that wait, by guid: this person's, and a visitor's from before the log-in. Another person's stay theirs.
  function waiting(who = me()) {
    const mine = Object.keys(store).filter((key) => key.startsWith("star::") || key.startsWith(`star:${who}:`));
    return new Map(mine.map((key) => {
      const text = store.getItem(key);
      return [key.split(":")[2], {...JSON.parse(text), key, text}];
    }));
  }

  // Keeps what a tap asks for; false if there is no room.
  function tapped(star) {
    const {who, version} = list(), want = star.getAttribute("aria-pressed") !== "true";
    const title = star.getAttribute("aria-label").replace("Star: ", "");
    const tap = {want, base: who === me() ? version : 0, acted: Date.now(), title};
    try {
      store.setItem(`star:${me()}:${star.dataset.guid}`, JSON.stringify(tap));
    } catch {
      return false;
    }
    show();
    return true;
  }

  function press(star, pressed) {
    star.setAttribute("aria-pressed", pressed);
    for (const name of ["formaction", "hx-post"].filter((each) => star.hasAttribute(each))) {
      star.setAttribute(name, star.getAttribute(name).replace(/(un)?star$/, pressed ? "unstar" : "star"));
    }
    window.htmx?.process(star);
  }

  // What the site wrote into a live page holds for the stars that do not wait, until it has answered to a replay.
  function paint(taps, all) {
    const stars = new Set(list().stars), count = document.getElementById("star-count");
    taps.forEach(({want}, guid) => (want ? stars.add(guid) : stars.delete(guid)));
    for (const star of document.querySelectorAll(".star[data-guid]")) {
      const {guid} = star.dataset, waits = taps.has(guid), pressed = stars.has(guid);
      if ((waits || all) && star.getAttribute("aria-pressed") !== String(pressed)) {
        press(star, pressed);
      }
      if (star.classList.contains("waiting") !== waits) {
        star.classList.toggle("waiting", waits);
        star.title = waits ? "waits to be saved" : "";
      }
    }
    if (all && count) {
      count.textContent = stars.size || "";
    }
  }

  function sentences(count, isOffline) {
    const isToday = loaded.toDateString() === new Date().toDateString();
    const time = loaded.toLocaleString("en-GB", {timeStyle: "short", dateStyle: isToday ? undefined : "medium"});
    const lack = `; your calendars do not have ${count === 1 ? "it" : "them"} yet`;
    const others = me() ? 0 : Object.keys(store).filter((key) => /^star:[^:]/.test(key)).length;
    return [
      isOffline && `No connection. ${kept ? `Programme of ${time}, saved on this device.` : `This page is of ${time}.`}`,
      count && `${changes(count)} wait${count === 1 ? "s" : ""}${location.pathname === "/agenda/" ? lack : ""}.`,
      others && `${changes(others)} on this device will be saved when you log in again.`,
    ].filter(Boolean).join(" ");
  }

  // What needs the site is closed meanwhile, and says why (site.css).
  function closeForms(close) {
    for (const each of document.querySelectorAll(NEEDS_NETWORK + (close ? ":enabled:not(.star)" : ".needs-network"))) {
      each.disabled = close;
      each.classList.toggle("needs-network", close);
    }
  }

  function show(isAnswered = false) {
    const taps = waiting(), isOffline = !navigator.onLine || !isReached, text = sentences(taps.size, isOffline);
    paint(taps, isAnswered || isWhole);
    closeForms(isOffline);
    if (words.textContent !== text) {
      words.textContent = text;
    }
    bar.hidden = !text;
    bar.classList.toggle("waits", taps.size > 0); // the page of the log-out asks then
    again.hidden = !taps.size && !isOffline;
  }

  async function ask(more) {
    const response = await fetch(ADDRESS, {redirect: "error", signal: AbortSignal.timeout?.(PATIENCE), ...more});
    const answer = response.ok ? await response.json() : {}, {who, version, stars} = answer;
    if (!stars) {
      throw new Error("a refusal, or the log-in page of a Wi-Fi: all waits");
    }
    keepList({who, version, stars, at: Date.now()});
    return answer;
  }

  // First the list, with a token that holds, then what waits. A tap that was made meanwhile waits for the next time.
  async function send() {
    const {who, at} = list(), isFresh = who === me() && Math.abs(Date.now() - at) < FRESH;
    const hasStars = me() || store.getItem("stars") || document.getElementById("star-count")?.textContent.trim();
    if (isReached && !waiting().size && (isFresh || !worker || !hasStars)) {
      return false; // a visitor without stars is asked for nothing, and gets no cookie
    }
    const {token, who: sender} = await ask(), taps = [...waiting(sender)].slice(0, AT_ONCE);
    if (taps.length) {
      const now = Date.now();
      const sent = taps.map(([guid, {want, base, title, acted}]) => ({guid, want, base, title, ago: now - acted}));
      const form = {csrfmiddlewaretoken: token, made_for: sender, taps: JSON.stringify(sent)};
      const {said} = await ask({method: "POST", body: new URLSearchParams(form)});
      document.querySelector("main").insertAdjacentHTML("afterbegin", said); // of the taps that came to nothing
      taps.filter(([, {key, text}]) => store.getItem(key) === text).forEach(([, {key}]) => store.removeItem(key));
    }
    return taps.length > 0;
  }

  async function replay() {
    try {
      const isAnswered = await (navigator.locks?.request("stars", send) ?? send()), isBack = !isReached;
      isReached = true;
      show(isAnswered);
      if (isBack) {
        document.dispatchEvent(new Event("back-online"));
      }
      if (isAnswered) {
        document.body.dispatchEvent(new Event("stars-changed")); // my agenda is fetched again
      }
    } catch {
      show();
    }
  }

  // A star that the site did not answer to waits. Without a worker it has failed, as site.js says.
  function lost(event) {
    const {elt, xhr} = event.detail, star = starOf(elt);
    const isLost = event.type !== "htmx:responseError" || xhr.status > 501; // not the site itself
    if (star && isLost && navigator.serviceWorker?.controller && tapped(star)) {
      event.stopImmediatePropagation();
    }
  }
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, lost, true);
  }
  document.addEventListener("htmx:afterRequest", ({detail: {elt, successful}}) => {
    if (worker && successful) {
      if (starOf(elt)) {
        keepList({...list(), at: 0});
      }
      setTimeout(replay, 500);
    }
  });
  document.addEventListener("htmx:afterSettle", () => waiting().size && show());
  document.addEventListener("click", (event) => {
    const star = starOf(event.target);
    if (star && (isWhole || star.classList.contains("waiting")) && tapped(star)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      replay();
    }
  }, true);
  document.addEventListener("submit", ({target}) => target.matches(LEAVING) && store.clear());
  again.addEventListener("click", () => (kept ? location.reload() : replay()));

  setInterval(() => waiting().size && replay(), RETRY);
  addEventListener("online", replay);
  addEventListener("offline", () => show());
  addEventListener("storage", () => show());
  document.addEventListener("visibilitychange", () => document.hidden || replay());
  document.addEventListener("DOMContentLoaded", () => show());
  addEventListener("load", () => {
    replay();
    const {event} = document.querySelector(".site-head").dataset;
    if (worker && navigator.serviceWorker) {
      navigator.serviceWorker.register(worker).catch(() => {});
      navigator.serviceWorker.ready.then(({active}) => event && active.postMessage({keep: `/${event}/offline/`}));
    }
  });
})();
