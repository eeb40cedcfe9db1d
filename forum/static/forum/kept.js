// The page that holds a whole programme (templates/agenda/offline.html), after offline.js has put the stars on it.
//
//   it answers for              shows
//   its own address, /event/    all talks
//   a talk, a speaker           all talks, from that one on
//   now                         all talks, from the first that has not ended
//   my agenda                   the starred talks alone, and a link to each other programme that is kept here
//   back online                 what has changed since it was saved
const [first, second, slug] = location.pathname.split("/").slice(1);
const own = `/${document.querySelector(".site-head").dataset.event}/offline/`;
const rowsOf = (page) => new Map([...page.querySelectorAll(".session")].map((row) => [row.dataset.guid, row]));
const rows = rowsOf(document);
const made = (tag, about) => Object.assign(document.createElement(tag), about);

async function showMine() {
  document.documentElement.classList.add("mine");
  document.querySelector("h1").textContent = "My agenda";
  rows.forEach((row) => row.toggleAttribute("hidden", !row.querySelector(".star[aria-pressed=true]")));
  const kept = (await (await caches.open("documents")).keys()).filter(({url}) => !url.endsWith(own));
  for (const event of kept.map(({url}) => url.split("/").at(3))) {
    document.getElementById("others").append(" ", made("a", {href: `/${event}/`, textContent: event}));
  }
}

// The talks whose words differ between this page and the one that the site has now, by their titles.
async function compare() {
  const response = await fetch(own, {credentials: "omit", cache: "no-cache"});
  if (response.headers.has("Programme")) {
    const now = rowsOf(new DOMParser().parseFromString(await response.text(), "text/html"));
    const isSame = (guid) => rows.get(guid)?.textContent === now.get(guid)?.textContent;
    const changed = [...new Map([...rows, ...now])].filter(([guid]) => !isSame(guid)), count = changed.length;
    const notice = document.getElementById("since"), [words, , list] = notice.children;
    words.textContent = `${count || "No"} change${count === 1 ? "" : "s"} since your copy.`;
    for (const [guid, row] of changed) {
      const title = row.querySelector(".title").textContent;
      list.append(made("li", {textContent: now.has(guid) ? title : `${title} (gone)`}));
    }
    notice.hidden = false;
  }
}

addEventListener("DOMContentLoaded", () => {
  const start = {sessions: `s-${slug}`, speakers: slug ? `p-${slug}` : "speakers"}[second];
  const isAhead = (row) => Date.parse(row.querySelector(".to")?.dateTime) > Date.now();
  const place = second === "now" ? [...rows.values()].find(isAhead) : document.getElementById(start);
  if (first === "agenda" && !second) {
    showMine();
  }
  if (place) {
    place.querySelector("details")?.setAttribute("open", "");
    location.replace(`#${place.id}`);
  }
});
if (document.documentElement.dataset.kept) {
  document.addEventListener("reached", compare, {once: true});
}
