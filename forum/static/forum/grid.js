// What a grid gains where scripts run: arrow keys lead from cell to cell, and now goes on.
(() => {
  "use strict";

  const BACK = ["ArrowLeft", "ArrowUp"];
  const ACROSS = ["ArrowLeft", "ArrowRight"];
  const ARROWS = [...BACK, "ArrowRight", "ArrowDown"];
  const MINUTE = 60_000;
  const cellsOf = (table) => [...table.querySelectorAll(".cell")];
  const isStarred = (cell) => cell.querySelector(".star")?.ariaPressed === "true";

  // The Tab key reaches one cell of a table, its title and its star; arrows reach the others.
  function rove(table, current) {
    for (const cell of cellsOf(table)) {
      for (const control of cell.querySelectorAll("a, button")) {
        control.tabIndex = cell === current ? 0 : -1;
      }
    }
  }

  // The nearest cell that way; of several as near, the one that is least aside.
  function neighbour(table, from, key) {
    const [near, far, side, end] = ACROSS.includes(key) ? ["left", "right", "top", "bottom"] : ["top", "bottom", "left", "right"];
    const here = from.getBoundingClientRect();
    const rank = (cell) => {
      const there = cell.getBoundingClientRect();
      const ahead = Math.round(BACK.includes(key) ? here[near] - there[far] : there[near] - here[far]);
      const isBeside = there[side] < here[end] - 1 && here[side] < there[end] - 1;
      return ahead >= 0 && isBeside ? ahead * MINUTE + Math.abs(there[side] - here[side]) : Infinity;
    };
    const ranked = cellsOf(table).map((cell) => [rank(cell), cell]).sort(([one], [other]) => one - other);
    return ranked[0][0] < Infinity ? ranked[0][1] : null;
  }

  // Counts again which starred sessions overlap, as the server did when it wrote the page.
  function noteOverlaps(table) {
    const spans = cellsOf(table).map((cell) => ({ cell, ...cell.parentElement.dataset }));
    const plan = spans.filter(({ cell }) => isStarred(cell) && !cell.closest(".cancelled"));
    for (const one of spans) {
      const others = plan.filter((other) => other !== one && Number(other.start) < Number(one.end) && Number(one.start) < Number(other.end));
      one.cell.querySelector(".overlap")?.remove();
      if (plan.includes(one) && others.length) {
        const words = document.createElement("p");
        words.className = "overlap";
        words.textContent = `overlaps ${others.length} ★`;
        one.cell.append(words);
      }
    }
  }

  // The server's clock counts, in the zone of the page.
  function showNow(table, now) {
    const tag = table.querySelector(".now-tag");
    tag.hidden = true;
    for (const [name, parts] of [["now", table.tBodies[0].rows], ["on", table.querySelectorAll("td[data-start]")]]) {
      for (const part of parts) {
        const passed = (now / 1000 - part.dataset.start) / (part.dataset.end - part.dataset.start);
        const isOn = passed >= 0 && passed < 1;
        part.classList.toggle(name, isOn);
        part.style.setProperty("--at", `${100 * passed}%`);
        if (isOn && name === "now") {
          part.cells[0].append(tag);
          tag.hidden = false;
        }
      }
    }
    const clock = { hour: "2-digit", minute: "2-digit", timeZone: table.dataset.zone };
    tag.querySelector("time").textContent = new Date(now).toLocaleTimeString("en-GB", clock);
  }

  for (const table of document.querySelectorAll(".grid table")) {
    rove(table, table.querySelector(".on > .cell") ?? table.querySelector(".cell"));
    table.addEventListener("focusin", ({ target }) => rove(table, target.closest(".cell")));
    table.addEventListener("keydown", (event) => {
      const next = ARROWS.includes(event.key) && neighbour(table, event.target.closest(".cell"), event.key);
      if (next) {
        event.preventDefault();
        next.querySelector("a").focus({ preventScroll: true });
        next.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    });
    table.addEventListener("htmx:afterSettle", () => noteOverlaps(table));
    if (table.dataset.now) {
      const ahead = table.dataset.now * 1000 - Date.now();
      setInterval(() => showNow(table, Date.now() + ahead), MINUTE);
    }
  }
})();
