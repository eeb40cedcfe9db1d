// Where things stand on the board (board.js): minutes of the day as pixels, hours without talks folded to one band.
"use strict";

window.boardLayout = (() => {
  const [SNAP, PX, FOLDED, SHORT, DAY] = [5, 2, 44, 25, 1440]; // minutes, px a minute, px, minutes, minutes
  const [BEFORE_NOW, ABOVE] = [45, 14]; // minutes; px for the upper half of an hour's label
  let [board, rows] = [null, []];

  const all = (selector, inside = board) => [...inside.querySelectorAll(selector)];
  const at = (element) => (element.dataset.at ? element.dataset.at.split(" ").map(Number) : null);
  const hours = (minute) => new Date((minute + 240) * 60000).toISOString().slice(11, 16); // a day begins at 04:00

  function measure() {
    const taken = all(".lanes [data-at]").map(at).sort((one, other) => one[0] - other[0]);
    const [opens, closes] = taken.length ? [taken[0][0], Math.max(...taken.map(([, to]) => to))] : [300, 840];
    const first = Math.max(0, Math.floor(opens / 60 - 1) * 60);
    const last = Math.min(DAY, Math.ceil(closes / 60 + 1) * 60);
    const opened = board.dataset.opened?.split(" ") ?? [];
    let until = opens;
    rows = [];
    const add = (to, folded) => {
      const [from, top] = [rows.at(-1)?.to ?? first, rows.length ? rows.at(-1).top + rows.at(-1).height : 0];
      if (to > from) rows.push({ from, to, top, height: folded ? FOLDED : (to - from) * PX, folded });
    };
    for (const [from, to] of taken) {
      const [begins, ends] = [Math.ceil(until / 30) * 30, Math.floor(from / 30) * 30];
      if (ends - begins >= 60 && !opened.includes(String(begins))) {
        add(begins, false);
        add(ends, true);
      }
      until = Math.max(until, to);
    }
    add(last, false);
    board.style.setProperty("--height", `${rows.at(-1).top + rows.at(-1).height}px`);
  }

  function y(minute) {
    const row = rows.find(({ to }) => minute < to) ?? rows.at(-1);
    return row.top + Math.min(1, Math.max(0, (minute - row.from) / (row.to - row.from))) * row.height;
  }

  function minuteAt(px) {
    const row = rows.find(({ top, height }) => px < top + height) ?? rows.at(-1);
    const minute = row.folded ? row.from : row.from + Math.max(0, px - row.top) / PX;
    return Math.round(minute / SNAP) * SNAP;
  }

  function put(element, from, to) {
    element.style.setProperty("--top", `${y(from)}px`);
    const tall = Math.max(22, y(to) - y(from));
    element.style.setProperty("--tall", `${tall}px`);
    element.style.setProperty("--lines", Math.max(1, Math.floor((tall - 24) / 17)));
  }

  // The end stands apart: a narrow tile has room for the start alone.
  function sayTime(tile, from, to) {
    const end = Object.assign(document.createElement("span"), { className: "to", textContent: `–${hours(to)}` });
    tile.querySelector(".time").replaceChildren(...(from === null ? ["No time yet"] : [hours(from), end]));
  }

  function rail() {
    const made = document.createElement("div");
    made.className = "rail";
    for (const { from, to, folded } of rows) {
      for (let minute = from; minute < to; minute = folded ? to : (Math.floor(minute / 60) + 1) * 60) {
        const line = document.createElement(folded ? "button" : "span");
        line.className = folded ? "band" : "hour";
        line.textContent = folded ? `${hours(from)}–${hours(to)}, no talk` : hours(minute);
        if (folded) Object.assign(line, { type: "button", value: from, title: "Show these hours" });
        put(line, minute, folded ? to : minute);
        made.append(line);
      }
    }
    board.querySelector(".rail")?.remove();
    board.querySelector(".lanes").prepend(made);
  }

  const overlap = ([from, to], [begins, ends]) => begins < to && ends > from;

  // Talks of a room at the same time stand side by side; two that take place are a double booking.
  function lay(lane, clashing) {
    let [ends, cluster, most] = [[], [], 1];
    const settle = () => {
      most = Math.max(most, ends.length);
      for (const tile of cluster) {
        tile.style.setProperty("--of", ends.length);
        tile.classList.toggle("halved", ends.length > 1);
      }
    };
    const tiles = all(".tile", lane).sort((one, other) => at(one)[0] - at(other)[0]);
    const on = lane.dataset.lane ? tiles.filter((tile) => !tile.classList.contains("off")) : [];
    for (const tile of tiles) {
      const [from, to] = at(tile);
      if (ends.every((end) => end <= from)) {
        settle();
        [ends, cluster] = [[], []];
      }
      const free = ends.findIndex((end) => end <= from);
      const column = free < 0 ? ends.length : free;
      ends[column] = to;
      cluster.push(tile);
      tile.style.setProperty("--nth", column);
      put(tile, from, to);
      tile.classList.toggle("short", to - from < SHORT);
      const taken = on.includes(tile) && on.some((other) => other !== tile && overlap([from, to], at(other)));
      tile.classList.toggle("clash", taken || (!tile.matches(".sent") && clashing.has(tile.id.slice(2))));
    }
    settle();
    lane.style.setProperty("--most", Math.min(most, 3));
    for (const frame of all(".was-here", lane)) put(frame, ...at(frame));
  }

  function layOut(shown) {
    board = shown;
    measure();
    rail();
    const clashing = new Set(board.dataset.clashing.split(" "));
    for (const lane of all(".lanes .lane")) lay(lane, clashing);
  }

  // How far down a board opens, in px: near now while the day's talks are on, else at the first talk.
  function opensAt() {
    const taken = all(".lanes [data-at]").map(at);
    const [opens, closes] = [Math.min(...taken.map(([from]) => from)), Math.max(...taken.map(([, to]) => to))];
    const now = Number(board.dataset.now ?? -1);
    return taken.length ? y(opens <= now && now < closes ? Math.max(opens, now - BEFORE_NOW) : opens) - ABOVE : 0;
  }

  return { DAY, at, layOut, minuteAt, opensAt, put, sayTime };
})();
