// Stars given and taken without network. Each page works without this script, and without a worker.
//
//   a star     looks             is kept in localStorage as                           until
//   saved      ★ or ☆            a guid of "stars", the list that the site gave last  the next list
//   waiting    a dashed ring     "star:<who>:<guid>", {want, base, acted, title}      the site has answered to it
//   left       ★ or ☆, a notice  nothing: the person did something else later         "Star it again" is tapped
//
// What waits is sent when a page is loaded, when it is seen again, when the network is back, after any other request
// that went well, and every RETRY. What the page says meanwhile is in connection.js.
(() => {
  "use strict";

  const ADDRESS = "/agenda/stars", AT_ONCE = 100; // taps
  const FRESH = 5 * 60 * 1000, PATIENCE = 15000, RETRY = 30000; // milliseconds
  const NO_ANSWER = [0, 502, 503, 504];
  const {worker} = document.currentScript.dataset, {kept, document: isDocument} = document.documentElement.dataset;
  const main = document.querySelector("main"), madeFor = document.querySelector("input[name=made_for]");
  let store = null, isStale = false, isReached = !kept, timer = 0;
  try {
    store = window.localStorage;
  } catch { /* switched off: nothing can be kept */ }
  if (!store || !main) {
    return;
  }

  const list = () => JSON.parse(store.getItem("stars")) ?? {who: "", version: 0, stars: [], at: 0};
  const me = () => (isDocument === "" || !madeFor ? list().who : madeFor.value);
  const starOf = (element) => element?.closest?.(".star[data-guid]");

  // The taps that wait, by guid: this person's, and a visitor's from before the log-in. Another person's stay theirs.
  function waiting(who = me()) {
    const mine = Object.keys(store).filter((key) => key.startsWith("star::") || key.startsWith(`star:${who}:`));
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

  function tapped(star) {
    const title = star.getAttribute("aria-label").replace(/^Star: /, "");
    return queue(star.dataset.guid, star.getAttribute("aria-pressed") !== "true", title);
  }

  function press(star, pressed) {
    star.setAttribute("aria-pressed", pressed);
    star.firstElementChild.textContent = pressed ? "★" : "☆";
    for (const name of ["formaction", "hx-post"].filter((each) => star.hasAttribute(each))) {
      star.setAttribute(name, star.getAttribute(name).replace(/(un)?star$/, pressed ? "unstar" : "star"));
    }
    window.htmx?.process(star);
  }

  // What the site wrote into a live page holds for the stars that do not wait, until it has answered to a replay.
  function paint(isAnswered) {
    const taps = waiting(), stars = new Set(list().stars), all = isAnswered || isDocument === "";
    for (const star of document.querySelectorAll(".star[data-guid]")) {
      const tap = taps.get(star.dataset.guid), pressed = tap ? tap.want : stars.has(star.dataset.guid);
      if ((tap || all) && star.getAttribute("aria-pressed") !== String(pressed)) {
        press(star, pressed);
      }
      star.classList.toggle("waiting", Boolean(tap));
    }
    const count = document.getElementById("star-count");
    if (all && count) {
      taps.forEach(({want}, guid) => (want ? stars.add(guid) : stars.delete(guid)));
      count.textContent = stars.size || "";
    }
  }

  function show(isAnswered = false) {
    paint(isAnswered);
    clearTimeout(timer);
    timer = waiting().size ? setTimeout(replay, RETRY) : 0;
    const others = me() ? [] : Object.keys(store).filter((key) => /^star:[^:]/.test(key));
    const detail = {count: waiting().size, others: others.length, isOffline: !navigator.onLine || !isReached};
    document.dispatchEvent(new CustomEvent("stars-painted", {detail}));
  }

  async function ask(taps, from) {
    const about = {redirect: "error", signal: AbortSignal.timeout?.(PATIENCE)};
    if (taps) {
      const sent = taps.map(([guid, {want, base, acted}]) => ({guid, want, base, ago: Date.now() - acted}));
      const form = {csrfmiddlewaretoken: from.token, made_for: from.who, taps: JSON.stringify(sent)};
      Object.assign(about, {method: "POST", body: new URLSearchParams(form)});
    }
    const response = await fetch(ADDRESS, about), answer = response.ok ? await response.json() : {};
    if (!Array.isArray(answer.stars)) {
      throw new Error("a refusal, or the log-in page of a Wi-Fi: all waits");
    }
    const {who, version, stars} = answer;
    store.setItem("stars", JSON.stringify({who, version, stars, at: Date.now()}));
    return answer;
  }

  // First the list, with a token that holds, then what waits. A tap that was made meanwhile waits for the next time.
  async function send() {
    const {who, at} = list(), isFresh = !isStale && who === me() && Math.abs(Date.now() - at) < FRESH;
    const hasStars = who || me() || document.getElementById("star-count")?.textContent.trim();
    if (isReached && !waiting().size && (isFresh || !worker || !isStale && !hasStars)) {
      return false; // a visitor without stars is asked for nothing, and gets no cookie
    }
    isStale = false;
    let answer = await ask(), isAnswered = false, taps = [];
    while ((taps = [...waiting(answer.who)].slice(0, AT_ONCE)).length) {
      answer = await ask(taps, answer);
      taps.filter(([, tap]) => store.getItem(tap.key) === tap.text).forEach(([, tap]) => store.removeItem(tap.key));
      document.dispatchEvent(new CustomEvent("stars-replayed", {detail: {...answer, taps: new Map(taps)}}));
      isAnswered = true;
    }
    return isAnswered;
  }

  async function replay() {
    try {
      const isAnswered = await (navigator.locks ? navigator.locks.request("stars", send) : send());
      if (!isReached) {
        isReached = true;
        document.dispatchEvent(new Event("back-online"));
      }
      show(isAnswered);
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
    const isStrange = xhr.status === 200 && !xhr.getResponseHeader("HX-Trigger"); // the log-in page of a Wi-Fi
    const isLost = event.type === "htmx:beforeOnLoad" ? isStrange : NO_ANSWER.includes(xhr.status);
    if (star && isLost && navigator.serviceWorker?.controller && tapped(star)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError", "htmx:beforeOnLoad"]) {
    document.addEventListener(name, lost, true);
  }
  document.addEventListener("htmx:afterRequest", ({detail: {elt, successful}}) => {
    const star = starOf(elt);
    if (successful && !star?.classList.contains("waiting")) {
      isStale ||= Boolean(star);
      setTimeout(replay, 500);
    }
  });
  document.addEventListener("htmx:afterSettle", () => waiting().size && show());
  document.addEventListener("click", (event) => {
    const star = starOf(event.target);
    if (star && (isDocument === "" || star.classList.contains("waiting")) && tapped(star)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      replay();
    }
  }, true);

  window.offline = {queue, replay, waiting};
  addEventListener("online", replay);
  addEventListener("offline", () => show());
  addEventListener("storage", () => show());
  document.addEventListener("visibilitychange", () => document.hidden || replay());
  addEventListener("load", () => {
    show();
    replay();
    const {event} = document.querySelector(".site-head")?.dataset ?? {};
    if (worker && navigator.serviceWorker) {
      navigator.serviceWorker.register(worker).catch(() => {});
      navigator.serviceWorker.ready.then(({active}) => event && active.postMessage({keep: `/${event}/offline/`}));
    }
  });
})();
