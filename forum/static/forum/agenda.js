// What my agenda gains where scripts run, as it is fetched again after each star: focus, free times and Undo stay near.
(() => {
  "use strict";

  const BOTTOM_BAR = 60; // pixels

  // The talks of an unfolded free time stay in sight until they come again, but for those that have a row now.
  let free = [];
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    free = target.id === "agenda" ? [...target.querySelectorAll(".free details[open]")] : [];
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const { id, lastElementChild: talks } of free) {
      const place = document.getElementById(id)?.querySelector("[hx-get]");
      if (place && talks.matches("ol")) {
        const rows = [...talks.querySelectorAll(".session")];
        rows.filter((row) => document.getElementById(row.id)).forEach((row) => row.remove());
        place.replaceChildren(talks);
      }
    }
    free = [];
  });

  // A row that goes, or is written again, takes the focus with it: it is given back to the row, to the one that comes
  // in its place, or to the page's heading.
  const ROWS = ".session, .choice";
  let focused = null;
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const rows = [...target.querySelectorAll(ROWS)];
    const { activeElement } = document; // "Plan all of them" goes, too: it belongs to the first row of its box
    const row = activeElement.closest(ROWS) ?? activeElement.closest(".clash-box")?.querySelector(ROWS);
    const place = rows.indexOf(row);
    focused = place < 0 ? null : { place, id: rows[place].id };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (focused && document.activeElement === document.body) {
      const rows = document.querySelectorAll(`#agenda :is(${ROWS})`);
      const same = document.getElementById(focused.id);
      const next = rows[Math.min(focused.place, rows.length - 1)];
      (same?.querySelector("[type=radio], .title a") ?? next?.querySelector(".star") ?? document.querySelector("h1")).focus();
    }
    focused = null;
  });

  // A talk that is unstarred on the card gets its row, with Undo, far below: Undo is then offered in sight, too.
  let unstarred = "";
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.matches("#agenda .star[aria-pressed=true]")) {
      unstarred = elt.id.replace("star", "undo");
    }
  });
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    const { id } = (target.id === "agenda" && document.getElementById(unstarred)) || {};
    if (id) {
      unstarred = "";
      requestAnimationFrame(() => offerUnlessSeen(id)); // once the page has been scrolled to where it was
    }
  });

  function offerUnlessSeen(id) {
    const { top, bottom } = document.getElementById(id)?.getBoundingClientRect() ?? {};
    if (bottom < BOTTOM_BAR || top > innerHeight - BOTTOM_BAR) {
      offer(id);
    }
  }

  function offer(id) {
    const undo = document.createElement("button");
    undo.type = "button";
    undo.textContent = "Undo";
    undo.addEventListener("click", () => document.getElementById(id)?.click());
    window.showToast("status", "Unstarred", undo);
    if (document.activeElement === document.body) {
      undo.focus();
    }
  }
})();
