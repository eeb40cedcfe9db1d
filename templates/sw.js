/* The worker: it answers for the site while there is no network, or one that does not answer.

   a page of an event, my agenda, /   the network; after PATIENCE, or without it, the event's document kept here
   a static file with a hash          kept here; else the network, and kept
   a static file without one          the network; else kept here
   a message {keep: "/event/offline/"} that document is fetched, without cookies, unless it was in the last FRESH
   anything else, every POST          not touched

   Kept are documents that are marked as ours and files of their own kind, so no log-in page of a Wi-Fi. No cookie, no
   star and no name is in any of them. forum/installed.py fills in what stands between braces. */
"use strict";

const VERSION = "{{ version }}"; // of the files: with it, this file and so the worker is another one
const FILES = {{ files|safe }};
const PATIENCE = 4000, FRESH = 5 * 60 * 1000, DROPPED_AFTER = 30 * 24 * 60 * 60 * 1000; // milliseconds
const DOWN = [502, 503, 504];
const OTHERS = /^\/(accounts|admin|calendar|dav|dev|health|media|static|agenda(?!\/(now\/)?$))\/|\/edit\//;
const TYPES = {css: "css", js: "javascript", svg: "svg", png: "png"};
const LAST = "/last"; // under this address, the address of the document that was asked for last

const documents = () => caches.open("documents");
const wait = (time) => new Promise((done) => setTimeout(done, time));

async function keepFile(url) {
  const answer = await fetch(url, {credentials: "omit"});
  const type = TYPES[new URL(url, location).pathname.split(".").pop()];
  if (!answer.ok || answer.redirected || !answer.headers.get("Content-Type")?.includes(type)) {
    throw new Error(`${url} is not there`);
  }
  await (await caches.open("files")).put(url, answer.clone()).catch(() => {}); // no room
  return answer;
}

async function file(request) {
  const kept = await caches.match(request.url);
  if (kept && /\.[0-9a-f]{12}\./.test(request.url)) {
    return kept;
  }
  const answer = keepFile(request.url).catch(() => null);
  return await Promise.race(kept ? [answer, wait(PATIENCE)] : [answer]) ?? kept ?? Response.error();
}

async function keep(address, always = false) {
  const cache = await documents(), before = await cache.match(address);
  if (!always && before && Math.abs(Date.now() - before.headers.get("Kept")) < FRESH) {
    return;
  }
  const answer = await fetch(address, {credentials: "omit", cache: "no-cache"});
  const ends = Date.parse(answer.headers.get("Programme"));
  if ([404, 410].includes(answer.status) || answer.ok && ends + DROPPED_AFTER < Date.now()) {
    await cache.delete(address);
  } else if (answer.ok && !answer.redirected && ends) {
    const headers = new Headers(answer.headers);
    headers.set("Kept", Date.now());
    headers.delete("Content-Encoding"); // it is unpacked by now
    await cache.put(address, new Response(await answer.blob(), {headers})).catch(() => {}); // no room: the former stays
  } else {
    throw new Error(`${address} is not there`);
  }
}

async function page(request) {
  const cache = await documents(), [, event] = new URL(request.url).pathname.split("/");
  const address = event && event !== "agenda" ? `/${event}/offline/` : await (await cache.match(LAST))?.text();
  const kept = address && await cache.match(address);
  if (!kept) {
    return fetch(request);
  }
  const answer = await Promise.race([fetch(request).catch(() => null), wait(PATIENCE)]);
  return answer && !DOWN.includes(answer.status) ? answer
    : new Response((await kept.text()).replace("<html", `<html data-kept="${kept.headers.get("Kept")}"`), kept);
}

// After an update: each document names the files that it was made with. Those of before go once all are made anew.
async function begin() {
  await self.clients.claim();
  const kept = (await (await documents()).keys()).map((request) => new URL(request.url).pathname);
  await Promise.all(kept.filter((address) => address !== LAST).map((address) => keep(address, true)));
  const files = await caches.open("files"), old = (await files.keys()).filter(({url}) => !FILES.includes(new URL(url).pathname));
  await Promise.all(old.map((request) => files.delete(request)));
}

async function visit(address) {
  const cache = await documents();
  await cache.put(LAST, new Response(address)).catch(() => {});
  for (const request of await cache.keys()) {
    const ends = Date.parse((await cache.match(request)).headers.get("Programme"));
    if (ends + DROPPED_AFTER < Date.now()) {
      await cache.delete(request);
    }
  }
  await keep(address);
}

self.addEventListener("install", (event) => event.waitUntil(Promise.all(FILES.map(keepFile)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(begin().catch(() => {})));
self.addEventListener("message", (event) => event.data?.keep && event.waitUntil(visit(event.data.keep).catch(() => {})));
self.addEventListener("fetch", (event) => {
  const {request} = event, {origin, pathname} = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate" && pathname.endsWith("/") && !OTHERS.test(pathname)) {
    event.respondWith(page(request).catch(() => fetch(request)));
  } else if (pathname.startsWith("/static/") && pathname.split(".").pop() in TYPES) {
    event.respondWith(file(request).catch(() => fetch(request)));
  }
});
