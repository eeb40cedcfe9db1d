/* The worker: it answers for the site while there is no network, or one that does not answer.

   a page of an event, my agenda, /   the network; after PATIENCE, or without it, the event's document kept here
   a file of VERSION                  kept here; where its name has no hash, only if the network does not answer
   a message {keep: "/event/offline/"} that document is fetched, unless it was the last one, and that is FRESH
   anything else, every POST          not touched

   Nothing of a person is kept: all is fetched without cookies. forum/installed.py fills in what stands in braces. */
"use strict";

const VERSION = "{{ version }}"; // of the files: with it, this file and so the worker is another one
const FILES = {{ files|safe }};
const PATIENCE = 4000, FRESH = 5 * 60 * 1000, DROPPED_AFTER = 30 * 24 * 60 * 60 * 1000; // milliseconds
const OTHERS = /^\/(accounts|admin|calendar|dav|dev|health|media|static|agenda(?!\/(now\/)?$))\/|\/edit\/|[^/]$/;

const programmes = () => caches.open("documents");
const time = (answer, header) => Date.parse(answer.headers.get(header));

async function patiently(request) {
  const patience = new Promise((done) => setTimeout(done, PATIENCE));
  const answer = await Promise.race([fetch(request).catch(() => null), patience]);
  return answer?.status < 502 ? answer : null; // what is kept is better
}

async function file(request) {
  const kept = await caches.match(request.url);
  return kept && !/\.[0-9a-f]{12}\./.test(request.url) ? await patiently(request) ?? kept : kept ?? fetch(request);
}

// All are kept, or none is.
async function keepFiles() {
  const files = await caches.open(VERSION);
  return await files.match(FILES[0]) ?? files.addAll(FILES.map((file) => new Request(file, {credentials: "omit"})));
}

// The documents kept here, the last one first.
const documents = async () => (await (await programmes()).matchAll())
  .sort((one, other) => time(other, "Date") - time(one, "Date"));

async function page(request) {
  const [, event] = new URL(request.url).pathname.split("/"), isAny = !event || event === "agenda";
  const kept = (await documents()).find(({url}) => isAny || url.endsWith(`/${event}/offline/`));
  const date = kept?.headers.get("Date"), answer = kept ? await patiently(request) : await fetch(request);
  return answer ?? new Response((await kept.text()).replace("<html", `<html data-kept="${date}"`), kept);
}

async function keep(address) {
  const cache = await programmes(), answer = await fetch(address, {credentials: "omit", cache: "no-cache"});
  const isGone = [404, 410].includes(answer.status);
  if (!isGone && !answer.headers.has("Programme")) {
    throw new Error("an error, or the log-in page of a Wi-Fi");
  }
  return isGone ? cache.delete(address) : cache.put(address, answer);
}

async function visit(address) {
  const cache = await programmes(), [last, ...others] = await documents();
  const old = others.filter((each) => time(each, "Programme") + DROPPED_AFTER < Date.now());
  await Promise.all([keepFiles(), ...old.map(({url}) => cache.delete(url))]);
  const isFresh = last?.url.endsWith(address) && Math.abs(Date.now() - time(last, "Date")) < FRESH;
  return isFresh || keep(address);
}

// Each document names the files that it was made with: those of before go once all documents are renewed.
async function begin() {
  await Promise.all((await (await programmes()).keys()).map(({url}) => keep(url)));
  const old = (await caches.keys()).filter((name) => name !== "documents" && name !== VERSION);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("install", (event) => event.waitUntil(keepFiles().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim().then(begin)));
self.addEventListener("message", (event) => event.waitUntil(visit(event.data.keep)));
self.addEventListener("fetch", (event) => {
  const {request} = event, {origin, pathname} = new URL(request.url);
  const answer = request.mode === "navigate" && !OTHERS.test(pathname) ? page : pathname.startsWith("/static/") && file;
  if (answer && request.method === "GET" && origin === location.origin) {
    event.respondWith(answer(request).catch(() => fetch(request)));
  }
});
