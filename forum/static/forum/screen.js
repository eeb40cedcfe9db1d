// A screen in the lobby, which nobody touches for days. Each minute it takes the page's new content. While the network
// is away it goes on showing the last; nothing is kept besides. Without scripts, the page reloads itself.
//
// what comes               what it does
// the page, same style     replaces the content
// the page, other style    loads itself anew: the site has a new release
// an error, or nothing     waits for the next minute
(() => {
  "use strict";

  const EVERY = 60_000;
  const style = (page) => page.querySelector("link[rel=stylesheet]")?.getAttribute("href");

  async function renew() {
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(EVERY / 2) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !style(page)) {
        return;
      }
      if (style(page) === style(document)) {
        document.querySelector("main").replaceWith(page.querySelector("main"));
      } else {
        location.reload();
      }
    } catch {
      // The network is away.
    } finally {
      setTimeout(renew, EVERY);
    }
  }

  setTimeout(renew, EVERY);
})();
