// The page that holds a whole programme (templates/agenda/offline.html), after offline.js has put the stars on it.
//
//   it answers for              shows
//   its own address, /event/    all talks
//   a talk, a speaker           all talks, from that one on
//   now                         all talks, from the first that has not ended
//   my agenda                   the starred talks alone, and a link to each other programme that is kept here
//   back online                 what has changed since it was saved
(() => {
  "use strict";

  const [first, second, slug] = location.pathname.split("/").slice(1), DOCUMENT = "/offline/";
  const own = `/${document.querySelector(".site-head").dataset.event}${DOCUMENT}`;
  const rowsOf = (page) => [...page.querySelectorAll(".session")], rows = rowsOf(document);

  function showMine() {
    document.documentElement.classList.add("mine");
    document.querySelector("h1").textContent = "My agenda";
    for (const row of rows) {
      row.hidden = !row.querySelector(".star[aria-pressed=true]");
    }
  }

  async function linkOthers() {
    const kept = await (await caches.open("documents")).keys(), line = document.getElementById("others");
    for (const path of kept.map(({url}) => new URL(url).pathname).filter((path) => path !== own)) {
      const link = Object.assign(document.createElement("a"), {href: path.replace(DOCUMENT, "/")});
      link.textContent = path.split("/")[1];
      line.append(" ", link);
      line.hidden = false;
    }
  }

  // The talks whose words differ between this page and the one that the site has now, by their titles.
  async function compare() {
    const response = await fetch(own, {credentials: "omit", cache: "no-cache"});
    if (!response.headers.has("Programme")) {
      return;
    }
    const notice = document.getElementById("since"), list = notice.lastElementChild;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    const [before, after] = [document, now].map((page) => new Map(rowsOf(page).map((row) => [row.dataset.guid, row])));
    for (const [guid, row] of new Map([...before, ...after])) {
      if (before.get(guid)?.textContent !== after.get(guid)?.textContent) {
        const item = document.createElement("li");
        item.textContent = row.querySelector(".title").textContent + (after.has(guid) ? "" : " (gone)");
        list.append(item);
      }
    }
    const count = list.children.length;
    notice.firstElementChild.textContent = `${count || "No"} change${count === 1 ? "" : "s"} since your copy.`;
    notice.hidden = false;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const start = {sessions: `s-${slug}`, speakers: slug ? `p-${slug}` : "speakers"}[second];
    const next = second === "now" && rows.find((row) => Date.parse(row.querySelector(".to")?.dateTime) > Date.now());
    const place = next || document.getElementById(start);
    if (first === "agenda" && !second) {
      showMine();
      linkOthers();
    }
    if (place) {
      place.querySelector("details")?.setAttribute("open", "");
      location.replace(`#${place.id}`);
    }
  });
  document.addEventListener("back-online", compare);
})();
