// The page that holds a whole programme (templates/agenda/offline.html), with the stars of offline.js.
//
//   it answers for              shows
//   its own address, /event/    all talks
//   a talk, a speaker           all talks, from that one on
//   now                         all talks, from the first that has not ended
//   my agenda                   the starred talks alone
//   back online                 what has changed since it was saved
(() => {
  "use strict";

  const main = document.querySelector("main"), rows = [...document.querySelectorAll(".session")];
  const [first, second, slug] = location.pathname.split("/").slice(1);
  const isMine = first === "agenda" && !second;

  for (const row of rows) {
    const star = document.createElement("button");
    star.type = "button";
    star.className = "star";
    star.innerHTML = '<span aria-hidden="true">☆</span>';
    star.dataset.guid = row.dataset.guid;
    star.setAttribute("aria-pressed", "false");
    star.setAttribute("aria-label", `Star: ${row.querySelector(".title").textContent}`);
    row.append(star);
  }

  function showMine() {
    for (const row of rows) {
      row.hidden = row.querySelector(".star").getAttribute("aria-pressed") !== "true";
    }
    for (const section of document.querySelectorAll("main section")) {
      section.hidden = !section.querySelector(".session:not([hidden])");
    }
    document.querySelector("h1").textContent = "My agenda";
    const some = rows.some((row) => !row.hidden);
    const line = document.createElement("p");
    line.className = "sub";
    line.textContent = some ? "First choices, calendars and your account need a connection." : "No star of yours in this programme is saved on this phone.";
    main.append(line);
  }

  // Stars of other events are on the pages of their own.
  async function linkOthers() {
    const {event} = document.querySelector(".site-head").dataset, documents = await caches.open("documents");
    for (const {url} of await documents.keys()) {
      const slug = new URL(url).pathname.match(/^\/([^/]+)\/offline\/$/)?.[1];
      if (slug && slug !== event) {
        const name = (await (await documents.match(url)).text()).match(/<title>(.*): /)[1];
        const link = document.createElement("a"), line = document.createElement("p");
        Object.assign(link, {href: `/${slug}/`, innerHTML: name}); // as the site wrote it
        line.append("Also saved on this phone: ", link);
        main.append(line);
      }
    }
  }

  // The talks whose words differ between this page and the one that the site has now, by their titles.
  async function compare() {
    const {event} = document.querySelector(".site-head").dataset;
    const response = await fetch(`/${event}/offline/`, {credentials: "omit", cache: "no-cache"});
    if (!response.ok || !response.headers.get("Programme")) {
      return;
    }
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    const words = (list) => new Map([...list].map((row) => [row.dataset.guid, row]));
    const said = (row) => row && [".when", ".what"].map((part) => {
      const copy = row.querySelector(part).cloneNode(true);
      copy.querySelector(".waits")?.remove();
      return copy.textContent.replace(/\s+/g, " ");
    }).join("|");
    const before = words(rows), after = words(now.querySelectorAll(".session"));
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter((guid) => said(before.get(guid)) !== said(after.get(guid)));
    const list = document.createElement("ul"), notice = document.createElement("div"), link = document.createElement("a");
    for (const guid of changed) {
      const row = after.get(guid) ?? before.get(guid), item = document.createElement("li");
      item.textContent = row.querySelector(".title").textContent + (after.has(guid) ? "" : " (gone)");
      list.append(item);
    }
    Object.assign(link, {href: location.pathname + location.search, textContent: "Show the page of now"});
    notice.className = "notice since";
    notice.setAttribute("role", "status");
    const count = changed.length;
    notice.append(`You are online again. ${count || "No"} change${count === 1 ? "" : "s"} since your copy. `, link, list);
    main.prepend(notice);
  }

  document.addEventListener("stars-painted", () => {
    const start = {sessions: `s-${slug}`, speakers: slug ? `p-${slug}` : "speakers"}[second];
    const next = second === "now" && rows.find((row) => Date.parse(row.querySelector(".to")?.dateTime) > Date.now());
    const place = next || document.getElementById(start);
    if (isMine) {
      showMine();
      linkOthers().catch(() => {});
    }
    if (place) {
      place.querySelector("details")?.setAttribute("open", "");
      location.replace(`#${place.id}`);
    }
  }, {once: true});
  document.addEventListener("back-online", () => compare().catch(() => {}));
})();
