// Dragging a talk of the board (board.js) by mouse or pen; by finger one that is picked, as others are scrolled past.
"use strict";

window.boardDrag = (main, dropped) => {
  const { at, minuteAt, put, sayTime } = window.boardLayout;
  let drag = null;

  function lift(event) {
    const { tile } = drag;
    const ghost = tile.cloneNode(true);
    ghost.removeAttribute("id");
    ghost.classList.add("ghost");
    ghost.style.setProperty("--wide", `${tile.offsetWidth}px`);
    tile.closest(".board").append(ghost);
    tile.classList.add("lifted");
    tile.setPointerCapture(event.pointerId);
    const frame = Object.assign(document.createElement("li"), { className: "drop-here" });
    Object.assign(drag, { ghost, frame, lanes: tile.closest(".board").querySelector(".lanes") });
  }

  function scroll({ clientX, clientY }) {
    const { left, right, top, bottom } = drag.lanes.getBoundingClientRect();
    const [across, down] = [[clientX, left + 60, right - 30], [clientY, top + 50, bottom - 30]].map(
      ([now, first, last]) => 12 * ((now > last) - (now < first)),
    );
    if (clientX < right) drag.lanes.scrollBy(across, down); // beside it is the tray
  }

  function follow(event) {
    const { tile, ghost, frame, grip } = drag;
    scroll(event);
    ghost.style.setProperty("--x", `${event.clientX - grip[0]}px`);
    ghost.style.setProperty("--y", `${event.clientY - grip[1]}px`);
    const lane = document.elementFromPoint(event.clientX, event.clientY)?.closest(".board .lane");
    const list = lane?.querySelector("ol");
    const isTray = Boolean(lane?.matches(".tray"));
    const minute = list && !isTray ? minuteAt(event.clientY - grip[1] - list.getBoundingClientRect().top) : null;
    const [from, to] = at(tile) ?? [0, Number(tile.dataset.long)];
    drag.to = lane ? [minute, lane.dataset.lane] : null;
    sayTime(ghost, minute, minute + to - from);
    list?.append(frame);
    if (minute !== null) put(frame, minute, minute + to - from);
  }

  function drop(isTaken) {
    const { tile, ghost, frame, to } = drag;
    drag = null;
    if (!ghost) return;
    ghost.remove();
    frame.remove();
    tile.classList.remove("lifted");
    const keepUnpicked = (event) => event.preventDefault();
    addEventListener("click", keepUnpicked, { capture: true });
    setTimeout(() => removeEventListener("click", keepUnpicked, { capture: true }));
    dropped(tile, isTaken ? to : null);
  }

  main.addEventListener("pointerdown", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || event.button || event.target.closest("a")) return;
    if (event.pointerType === "touch" && !tile.querySelector("input").checked) return;
    const box = tile.getBoundingClientRect();
    drag = { tile, from: [event.clientX, event.clientY], grip: [event.clientX - box.left, event.clientY - box.top] };
  });
  addEventListener("pointermove", (event) => {
    if (drag && !drag.ghost && Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) >= 6) lift(event);
    if (drag?.ghost) follow(event);
  });
  addEventListener("pointerup", () => drag && drop(true));
  addEventListener("pointercancel", () => drag && drop(false));
  addEventListener("keydown", (event) => event.key === "Escape" && drag && drop(false));
  return { isLifted: () => Boolean(drag?.ghost) };
};
