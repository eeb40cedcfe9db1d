// What a grid gains where scripts run: arrow keys lead from cell to cell, and now goes on.
(() => {
  "use strict";

  const TABLES = ".grid table";
  // The direction; the sides of a cell ahead and of the one in focus, between which one goes; and the sides beside.
  const WAYS = {
    ArrowLeft: [-1, "right", "left", "top", "bottom"], ArrowRight: [1, "left", "right", "top", "bottom"],
    ArrowUp: [-1, "bottom", "top", "left", "right"], ArrowDown: [1, "top", "bottom", "left", "right"],
  };

  // The Tab key reaches one cell of a table, its title and its star; arrows reach the others.
  function rove(table, current = table.querySelector(".on > .cell") ?? table.querySelector(".cell")) {
    for (const control of table.querySelectorAll(".cell :is(a, button)")) {
      control.tabIndex = current.contains(control) ? 0 : -1;
    }
  }

  // The nearest cell that way; of several as near, the one that is least aside.
  function neighbour(table, from, [sign, front, back, side, end]) {
    const here = from.getBoundingClientRect();
    const ranked = [...table.querySelectorAll(".cell")].map((cell) => {
      const there = cell.getBoundingClientRect();
      const ahead = Math.round(sign * (there[front] - here[back]));
      const isBeside = there[side] < here[end] - 1 && here[side] < there[end] - 1;
      return { cell, rank: ahead >= 0 && isBeside && ahead * 10_000 + Math.abs(there[side] - here[side]) };
    });
    return ranked.filter(({ rank }) => rank !== false).sort((one, other) => one.rank - other.rank)[0]?.cell;
  }

  // Counts again which starred sessions overlap, as the server did when it wrote the page.
  function noteOverlaps(table) {
    table.querySelectorAll(".overlap").forEach((words) => words.remove());
    const plan = [...table.querySelectorAll("td:not(.cancelled) > .cell:has([aria-pressed='true'])")];
    const [start, end] = ["time", "time + time"].map((each) => (cell) => Date.parse(cell.querySelector(each).dateTime));
    for (const cell of plan) {
      const others = plan.filter((other) => other !== cell && start(other) < end(cell) && start(cell) < end(other)).length;
      cell.insertAdjacentHTML("beforeend", others ? `<p class="overlap">overlaps ${others} ★</p>` : "");
    }
  }

  // Moves the line, its tag and the tint of what is over.
  function showNow(table, now) {
    const lines = [...table.tBodies[0].rows];
    const show = (part, name, start, end) => {
      part.classList.toggle(name, start <= now && now < end);
      part.style.setProperty("--at", `${100 * (now - start) / (end - start)}%`);
    };
    for (const line of lines) {
      show(line, "now", line.dataset.start * 1000, line.dataset.end * 1000);
      for (const time of line.querySelectorAll("time + time")) {
        const end = Math.min(Date.parse(time.dateTime), lines.at(-1).dataset.end * 1000);
        show(time.closest("td"), "on", line.dataset.start * 1000, end);
      }
    }
    const tag = table.querySelector(".now-tag");
    tag.lastElementChild.textContent = new Date(now).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: table.dataset.zone });
    table.querySelector(".now")?.cells[0].append(tag);
  }

  for (const table of document.querySelectorAll(TABLES)) {
    rove(table);
    // It opens where most of what is on began: something may have been on since the morning.
    const count = (line) => line.querySelectorAll(":scope > .on").length;
    const line = [...table.tBodies[0].rows].reduce((one, other) => (count(other) > count(one) ? other : one));
    const first = count(line) ? line : table.querySelector(".now");
    // A day of my agenda has no heads, and does not scroll by itself.
    table.parentElement.scrollTop = location.hash || !first || !table.tHead ? 0 : first.offsetTop - table.tHead.offsetHeight;
  }
  document.addEventListener("focusin", ({ target }) => target.closest(".cell") && rove(target.closest(TABLES), target.closest(".cell")));
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell");
    const next = cell && WAYS[event.key] && neighbour(cell.closest(TABLES), cell, WAYS[event.key]);
    if (next) {
      event.preventDefault();
      next.querySelector("a").focus();
    }
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    document.querySelectorAll(TABLES).forEach((table) => rove(table, table.querySelector(".cell:focus-within") ?? undefined));
    target.closest(".cell") && noteOverlaps(target.closest(TABLES));
  });
  const ahead = document.querySelector(TABLES)?.dataset.now * 1000 - Date.now(); // the server's clock counts
  const goOn = () => document.querySelectorAll("table[data-now]").forEach((table) => showNow(table, Date.now() + ahead));
  goOn(); // at once: the server's line has coarse steps, which differ from room to room
  setInterval(goOn, 60_000);
})();
