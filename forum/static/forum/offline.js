// Stars given and taken without network. Each page works without this script, and without a worker.
//
//   a star     looks                  is kept in localStorage as                           until
//   saved      ★ or ☆                 a guid of "stars", the list that the site gave last  the next list
//   on its way ★ or ☆                 nothing; as one that waits once its page is left      the site has answered to it
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
  const NEEDS_NETWORK = "main :is(button[hx-post], form[method=post] button, .clash-box [type=radio]):enabled";
  const PAINTED = "[data-document] .star, .star.waiting, .star[data-painted]"; // their forms, if they have any, are out of date
  const LEAVING = "[action$='/logout/'], [data-leaving]";
  const {worker} = document.currentScript.dataset, workers = worker && navigator.serviceWorker;
  const {kept} = document.documentElement.dataset, loaded = new Date(kept ?? Date.now());
  const store = window.localStorage; // an error where it is switched off: nothing can be kept then
  const bar = document.getElementById("offline-bar"), [words, again] = bar.children;
  let isReached = !kept;

  const list = () => JSON.parse(store.getItem("stars")) ?? {who: "", version: 0, stars: [], at: 0};
  const keepList = (news) => store.setItem("stars", JSON.stringify({...list(), ...news}));
  const me = () => document.querySelector("input[name=made_for]")?.value ?? list().who;

  // The taps that wait: this person's, and a visitor's from before the log-in. Another person's stay theirs.
  function waiting(who = me()) {
    const mine = Object.entries(store).filter(([key]) => key.startsWith("star::") || key.startsWith(`star:${who}:`));
    return mine.map(([key, text]) => ({...JSON.parse(text), guid: key.split(":")[2], key, text}));
  }

  // Keeps what a tap asks for; false if there is no room.
  function tapped(star) {
    const {who, version} = list(), want = star.ariaPressed !== "true", title = star.ariaLabel.replace("Star: ", "");
    const tap = {want, base: who === me() ? version : 0, acted: Date.now(), title};
    try {
      store.setItem(`star:${me()}:${star.dataset.guid}`, JSON.stringify(tap));
      keepList({at: 0}); // asked for again, as the next page may not say whose it is
    } catch {
      return false;
    }
    show();
    return true;
  }

  // What the site wrote into a live page holds for the stars that do not wait, until it has answered to a replay.
  function paint(taps, all) {
    const stars = new Set(list().stars), waits = new Set(taps.map(({guid}) => guid));
    taps.forEach(({guid, want}) => (want ? stars.add(guid) : stars.delete(guid)));
    for (const star of document.querySelectorAll(".star[data-guid]")) {
      const {guid} = star.dataset;
      if ((all || waits.has(guid)) && star.ariaPressed !== String(stars.has(guid))) {
        star.ariaPressed = stars.has(guid);
        star.dataset.painted = "";
      }
      star.classList.toggle("waiting", waits.has(guid));
      star.title = waits.has(guid) ? "waits to be saved" : "";
    }
    if (all) {
      document.getElementById("star-count").textContent = stars.size || "";
    }
  }

  function sentences(count, isOffline) {
    const isToday = loaded.toDateString() === new Date().toDateString();
    const time = loaded.toLocaleString("en-GB", {timeStyle: "short", dateStyle: isToday ? undefined : "medium"});
    const lack = `; your calendars do not have ${count === 1 ? "it" : "them"} yet`;
    const hasOthers = !me() && Object.keys(store).some((key) => /^star:[^:]/.test(key));
    const age = kept ? `Programme of ${time}, saved on this device.` : `This page is of ${time}.`;
    return [
      isOffline && `No connection. ${age}`,
      count && `${count} change${count === 1 ? " waits" : "s wait"}${location.pathname === "/agenda/" ? lack : ""}.`,
      hasOthers && "Changes on this device will be saved when you log in again.",
    ].filter(Boolean).join(" ");
  }

  function show(isAnswered = false) {
    const taps = waiting(), isOffline = !navigator.onLine || !isReached, text = sentences(taps.length, isOffline);
    paint(taps, isAnswered || document.documentElement.matches("[data-document]"));
    for (const each of document.querySelectorAll(isOffline ? `${NEEDS_NETWORK}:not(.star)` : ".needs-network")) {
      each.disabled = isOffline; // and says why: site.css
      each.classList.toggle("needs-network", isOffline);
    }
    if (words.textContent !== text) {
      words.textContent = text;
    }
    bar.hidden = !text;
    bar.classList.toggle("waits", taps.length > 0); // the page of the log-out asks then
    again.hidden = !taps.length && !isOffline;
  }

  async function ask(more) {
    const response = await fetch(ADDRESS, {redirect: "error", signal: AbortSignal.timeout?.(PATIENCE), ...more});
    // A refusal, or the log-in page of a Wi-Fi, has no list of stars: that is an error here, and all taps go on waiting.
    const {who, version, stars: [...stars], token, said} = await response.json();
    keepList({who, version, stars, at: Date.now()});
    isReached = true;
    document.dispatchEvent(new Event("reached"));
    return {who, token, said};
  }

  // First the list, with a token that holds, then what waits. A tap that was made meanwhile waits for the next time.
  async function send() {
    const {who, at} = list(), isFresh = who === me() && Math.abs(Date.now() - at) < FRESH;
    const hasStars = me() || store.getItem("stars") || document.querySelector("#star-count:not(:empty)");
    const somebodyWaits = Object.keys(store).some((key) => key.startsWith("star:"));
    if (isReached && !waiting().length && (isFresh || !(somebodyWaits || (worker && hasStars)))) {
      return; // a visitor without stars is asked for nothing, and gets no cookie
    }
    const {token, who: sender} = await ask(), taps = waiting(sender).slice(0, AT_ONCE), now = Date.now();
    if (taps.length) {
      const sent = taps.map(({guid, want, base, title, acted}) => ({guid, want, base, title, ago: now - acted}));
      const form = {csrfmiddlewaretoken: token, made_for: sender, taps: JSON.stringify(sent)};
      const {said} = await ask({method: "POST", body: new URLSearchParams(form)});
      document.querySelector("main").insertAdjacentHTML("afterbegin", said); // of the taps that came to nothing
      taps.filter(({key, text}) => store.getItem(key) === text).forEach(({key}) => store.removeItem(key));
      show(true);
      document.body.dispatchEvent(new Event("stars-changed")); // my agenda is fetched again
    }
  }

  async function replay() {
    await (navigator.locks?.request("stars", send) ?? send()).catch(() => {}); // what waits goes on waiting
    show();
  }

  // A star that the site did not answer to waits. Without a worker it has failed, as site.js says.
  window.keepsStar = (elt, {status}) => {
    const star = elt.closest(".star[data-guid]"), isAnswered = status >= 400 && status < 502;
    return star && workers?.controller && !isAnswered && tapped(star);
  };
  document.addEventListener("click", (event) => {
    const star = event.target.closest?.(PAINTED);
    if (star && tapped(star)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      replay();
    }
  }, true);
  document.addEventListener("htmx:afterRequest", ({detail: {elt}}) => elt.matches(".star") && keepList({at: 0}));
  document.addEventListener("htmx:afterRequest", ({detail: {successful}}) => successful && setTimeout(replay, 500));
  document.addEventListener("htmx:afterSettle", () => waiting().length && show());
  // A page that is left gives up what it asked for: a star that was not answered to yet goes on from the next page.
  let clears = false;
  addEventListener("pagehide", () => clears || document.querySelectorAll(".star[data-saving]").forEach(tapped));
  document.addEventListener("submit", ({target}) => (clears ||= target.matches(LEAVING)) && store.clear());
  again.addEventListener("click", () => (kept ? location.reload() : replay()));
  setInterval(() => waiting().length && replay(), RETRY);
  document.addEventListener("visibilitychange", () => document.hidden || replay());
  ["load", "online"].forEach((name) => addEventListener(name, replay));
  ["DOMContentLoaded", "offline", "storage"].forEach((name) => addEventListener(name, () => show()));
  addEventListener("load", () => {
    const {event} = document.querySelector(".site-head").dataset;
    workers?.register(worker).catch(() => {});
    workers?.ready.then(({active}) => event && active.postMessage({keep: `/${event}/offline/`}));
  });
})();
