// The day as a board: rooms across, hours down. Without this script the page is lists with boxes to tick, and a form.
//
//   a talk is   looks                   until
//   still       as the server has it    an arrow key or the bar: sent. The pointer goes down on it: held
//   held        the same                the pointer moves 6 px: lifted. It goes up: still
//   lifted      follows the pointer     the pointer goes up: sent. Escape, or the pointer is lost: still
//   sent        dashed, where it goes   the answer: still. No answer: stuck. The server refuses: still, with its reason
//   stuck       dashed; a line says so  the connection is back: sent
(() => {
  "use strict";

  const { DAY, at, layOut, opensAt, sayTime } = window.boardLayout;
  const main = document.getElementById("main");
  const live = document.body.appendChild(Object.assign(document.createElement("p"), { className: "visually-hidden" }));
  const kept = `board ${location.pathname}${location.search}`;
  let [board, waiting, busy, later] = [null, null, false, null];
  live.setAttribute("role", "status");

  const all = (selector, inside = board) => [...inside.querySelectorAll(selector)];
  const tileOf = (pk) => document.getElementById(`t-${pk}`);
  const pkOf = (tile) => tile.id.slice(2);
  const boxOf = (tile) => tile.querySelector("input");
  const isOff = (tile) => tile.classList.contains("off");
  const lanes = () => all(".lanes .lane").map((lane) => lane.dataset.lane);
  const roomOf = (tile) => tile.dataset.room ?? tile.closest(".lane").dataset.lane;
  const placeOf = (tile) => [at(tile)?.[0] ?? null, roomOf(tile), isOff(tile)];
  const places = () => Object.fromEntries(all(".tile").map((tile) => [pkOf(tile), placeOf(tile)]));
  const picked = () => all(".tile").filter((tile) => boxOf(tile).checked);
  const group = (tile) => (boxOf(tile).checked ? picked() : [tile]);

  const trouble = (text) => { board.dataset.trouble = live.textContent = text; };

  // Shows talks where they are to be: by pk, [minute or null, room, is cancelled].
  function apply(change) {
    for (const [pk, [minute, room, off]] of Object.entries(change)) {
      const tile = tileOf(pk);
      if (!tile) continue;
      const [from, to] = at(tile) ?? [0, Number(tile.dataset.long)];
      tile.classList.add("waiting", "sent");
      tile.classList.toggle("off", off);
      if (minute === null) {
        tile.dataset.room = room; // for the time that it gets
        delete tile.dataset.at;
      } else {
        tile.dataset.at = `${minute} ${minute + to - from}`;
        delete tile.dataset.room;
      }
      sayTime(tile, minute, minute + to - from);
      const lane = minute === null ? board.querySelector(".tray") : all(".lanes .lane")[lanes().indexOf(room)];
      lane.querySelector("ol").append(tile);
    }
    layOut(board);
  }

  // What can be undone in this tab, until something is published.
  function steps(change) {
    const found = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
    const stacks = found.latest === board.dataset.latest ? found : { latest: board.dataset.latest, undo: [], redo: [] };
    const result = change(stacks);
    sessionStorage.setItem(kept, JSON.stringify(stacks));
    for (const button of all("[data-back]")) button.disabled = !stacks[button.dataset.back].length;
    return result;
  }

  function note(before) {
    const now = places();
    const changed = Object.keys(now).filter((pk) => before[pk] && String(before[pk]) !== String(now[pk]));
    const [old, next] = [before, now].map((side) => Object.fromEntries(changed.map((pk) => [pk, side[pk]])));
    if (changed.length) steps((stacks) => Object.assign(stacks, { undo: [...stacks.undo, [old, next]], redo: [] }));
  }

  function back(name) {
    const [from, to] = name === "undo" ? ["undo", "redo"] : ["redo", "undo"];
    const step = steps((stacks) => stacks[from].length && stacks[to][stacks[to].push(stacks[from].pop()) - 1]);
    if (step) send(step[name === "undo" ? 0 : 1]);
  }

  function change(found) {
    const before = places();
    send(found);
    note(before);
  }

  function shift(tiles, minutes, across) {
    const names = lanes();
    const placed = tiles.filter(at).map((tile) => [tile, at(tile)[0] + minutes, names.indexOf(roomOf(tile)) + across]);
    const fits = placed.every(([, minute, lane]) => minute >= 0 && minute < DAY && lane in names);
    if (fits) change(Object.fromEntries(placed.map(([tile, minute, lane]) => [pkOf(tile), [minute, names[lane], isOff(tile)]])));
  }

  const withoutTime = (tiles) =>
    change(Object.fromEntries(tiles.filter(at).map((tile) => [pkOf(tile), [null, roomOf(tile), isOff(tile)]])));

  // Moves are sent one after the other; what is moved while one is on its way goes with the next.
  function send(found) {
    if (!Object.keys(found).length) return;
    apply(found);
    waiting = { ...waiting, ...found };
    if (!busy) drain();
  }

  async function drain() {
    busy = true;
    while (waiting) {
      const sending = waiting;
      waiting = null;
      const body = new FormData(board);
      body.delete("talk");
      for (const pk of Object.keys(sending)) body.append("talk", boxOf(tileOf(pk)).value);
      body.append("do", "place");
      body.append("places", JSON.stringify(sending));
      const page = await answer({ method: "POST", body });
      if (!page) waiting = { ...sending, ...waiting };
      if (!page) break;
      take(page);
    }
    busy = false;
  }

  async function answer(request) {
    for (;;) {
      try {
        const response = await fetch(request.method ? board.action : location.href, request);
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        if (response.ok && page.getElementById("board")) return page;
        trouble("Not saved: the site did not take it. Load the page again.");
        return null;
      } catch {
        trouble("Not saved yet: there is no connection. It is tried again until there is.");
        await new Promise((done) => { setTimeout(done, 3000); addEventListener("online", done, { once: true }); });
      }
    }
  }

  // The page as the server has it takes the place of this one; what is picked, and the focus, stay.
  function take(page) {
    const refusal = page.querySelector("#messages .warning, #messages .error")?.textContent;
    delete board.dataset.trouble;
    if (drag.isLifted()) {
      later = page;
    } else if (waiting && !refusal) { // more is to be sent: only the versions of the talks are taken over
      for (const box of all("input[name=talk]", page)) {
        const own = document.getElementById(box.closest(".tile").id);
        if (own) boxOf(own).value = box.value;
      }
    } else {
      const ids = picked().map((tile) => tile.id);
      const { scrollLeft, scrollTop } = board.querySelector(".lanes");
      const focused = document.activeElement.closest(".tile")?.id;
      waiting = null;
      main.replaceChildren(...page.getElementById("main").childNodes);
      begin(ids);
      board.querySelector(".lanes").scrollTo(scrollLeft, scrollTop);
      if (focused) document.getElementById(focused)?.querySelector("input").focus({ preventScroll: true });
      if (refusal) live.textContent = refusal;
    }
  }

  function showPicked() {
    const stars = picked().reduce((sum, tile) => sum + Number(tile.dataset.stars ?? 0), 0);
    board.classList.toggle("picking", picked().length > 0);
    board.querySelector(".how-many").textContent = `${picked().length} picked`;
    board.querySelector(".picked-bar .stars").textContent = stars ? `★ ${stars}` : "";
  }

  function begin(ids = []) {
    board = document.getElementById("board");
    board.classList.add("grid");
    for (const part of all(".scripted")) part.hidden = false;
    for (const tile of all(".tile")) tile.style.setProperty("--track", tile.dataset.colour ?? "var(--muted)");
    for (const [pk, count] of board.dataset.stars.split(" ").filter(Boolean).map((pair) => pair.split(":"))) {
      tileOf(pk).dataset.stars = count;
    }
    for (const id of ids) if (document.getElementById(id)) boxOf(document.getElementById(id)).checked = true;
    layOut(board);
    steps(() => {});
    showPicked();
  }

  // Where a talk was dropped: [minute or null, room].
  function dropped(tile, to) {
    if (to?.[0] === null) withoutTime(group(tile));
    else if (to && at(tile)) shift(group(tile), to[0] - at(tile)[0], lanes().indexOf(to[1]) - lanes().indexOf(roomOf(tile)));
    else if (to) change({ [pkOf(tile)]: [...to, isOff(tile)] });
    if (later && !waiting) take(later);
    later = null;
  }

  const KEYS = {
    ArrowUp: (tile, far) => shift(group(tile), far ? -15 : -5, 0),
    ArrowDown: (tile, far) => shift(group(tile), far ? 15 : 5, 0),
    ArrowLeft: (tile) => shift(group(tile), 0, -1),
    ArrowRight: (tile) => shift(group(tile), 0, 1),
    Delete: (tile) => withoutTime(group(tile)),
    Enter: (tile) => tile.querySelector("a").click(),
    m: (tile) => { boxOf(tile).checked = true; showPicked(); board.elements.room.focus(); },
    z: () => back("undo"),
    y: () => back("redo"),
  };

  function press(event) {
    const tile = event.target.matches(".tile input") && event.target.closest(".tile");
    const act = tile && !(event.ctrlKey || event.metaKey || event.altKey) && KEYS[event.key];
    if (act) {
      event.preventDefault();
      act(tile, event.shiftKey);
      if (event.key !== "m") boxOf(tile).focus({ preventScroll: true });
      tile.scrollIntoView({ block: "nearest", inline: "nearest" });
      const room = tile.closest(".lane").querySelector("h2 bdi")?.textContent ?? "";
      live.textContent = `${tile.querySelector(".time").textContent} ${room}${tile.matches(".clash") ? ", double booking" : ""}`;
    } else if (event.key === "Enter" && event.target.matches(".pair input")) {
      event.preventDefault();
      event.target.closest(".pair").querySelector("button").click();
    }
  }

  const drag = window.boardDrag(main, dropped);
  begin();
  board.querySelector(".lanes").scrollTop = opensAt();
  main.addEventListener("change", showPicked);
  main.addEventListener("keydown", press);
  main.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.back) back(button.dataset.back);
    if (button?.dataset.shift) shift(picked(), Number(button.dataset.shift), 0);
    if (button?.matches(".band")) {
      board.dataset.opened = `${board.dataset.opened ?? ""} ${button.value}`;
      layOut(board);
    }
  });
  main.addEventListener("submit", async (event) => {
    if (event.target !== board) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const before = places();
    const page = await answer({ method: "POST", body: new FormData(board, event.submitter) });
    if (page) take(page);
    note(before);
    busy = false;
    if (waiting) drain();
  });
  addEventListener("beforeunload", (event) => (waiting || busy) && event.preventDefault());
  document.addEventListener("visibilitychange", async () => { // fellow editors may have moved something
    if (document.hidden || busy || drag.isLifted()) return;
    const page = await answer({});
    if (page && !busy && !waiting) take(page);
  });
})();
