// What a page says of the network, and of the stars that wait for it (offline.js).
//
//   a page     comes from                    says
//   live       the network                   "No connection. This page is of 10:31." while there is none
//   kept       the worker, html[data-kept]   "No connection. Programme of 10:31, saved on this phone."
//   kept       it, and the network is back   "3 changes since your copy", and which: kept.js
//   each       either                        "2 changes wait", beside each of them "star waits", and afterwards what
//                                            was not done, as the person did something else later
//   log-out    the network                   asks, if something waits and cannot be saved; then nothing is kept
(() => {
  "use strict";

  const {offline} = window, {kept} = document.documentElement.dataset;
  const main = document.querySelector("main"), loaded = new Date(Number(kept) || Date.now());
  const banner = document.querySelector(".offline-bar");
  if (!offline) {
    return;
  }

  function make(tag, ...inside) {
    const made = document.createElement(tag);
    made.append(...inside);
    return made;
  }

  function button(words, act) {
    const made = Object.assign(make("button", words), {type: "button", onclick: act});
    made.className = "link-button";
    return made;
  }

  function note(words, ...more) {
    const made = make("p", words, ...more);
    made.className = "notice";
    return made;
  }

  function sentences({count, others, isOffline}) {
    const isToday = loaded.toDateString() === new Date().toDateString();
    const day = isToday ? {} : {weekday: "short", day: "numeric", month: "short"};
    const time = loaded.toLocaleString("en-GB", {hour: "2-digit", minute: "2-digit", ...day});
    const lack = location.pathname === "/agenda/" ? `; your calendars do not have ${count === 1 ? "it" : "them"} yet` : "";
    return [
      isOffline && `No connection. ${kept ? `Programme of ${time}, saved on this phone.` : `This page is of ${time}.`}`,
      count && `${count === 1 ? "1 change waits" : `${count} changes wait`}${lack}.`,
      others && `${others === 1 ? "1 change" : `${others} changes`} on this phone will be saved when you log in again.`,
    ].filter(Boolean).join(" ");
  }

  // What needs the site says so beside its button: calendars, the account. A box of talks that overlap says so once, for
  // all its choices; the stars in it can be tapped.
  function closeForms(close) {
    for (const each of main.querySelectorAll(":is(button[hx-post], form[method=post] button, .clash-box legend > span):not(.star)")) {
      const controls = each.matches("button") ? [each] : each.closest("fieldset").querySelectorAll("[type=radio]");
      if (close && controls[0]?.disabled === false) {
        const why = make("small", " needs a connection");
        why.className = "needs-network";
        each.after(why);
      } else if (!close && each.dataset.closed) {
        each.nextElementSibling.remove();
      } else {
        continue;
      }
      controls.forEach((control) => { control.disabled = close; });
      each.dataset.closed = close ? "yes" : "";
    }
  }

  document.addEventListener("stars-painted", ({detail}) => {
    const text = sentences(detail);
    if (banner.dataset.text !== text) {
      banner.dataset.text = text;
      banner.hidden = !text;
      const again = button("Try again", () => (kept ? location.reload() : offline.replay()));
      banner.replaceChildren(text, ...(detail.isOffline || detail.count ? [" ", again] : []));
    }
    document.querySelectorAll(".waits").forEach((each) => each.remove());
    for (const star of document.querySelectorAll(".star.waiting")) {
      const waits = make("span", star.getAttribute("aria-pressed") === "true" ? "star waits" : "unstarring waits");
      waits.className = "waits";
      star.closest(".session, .choice, .session-page")?.querySelector(".meta, .choice .sub").append(waits);
    }
    closeForms(detail.isOffline);
  });

  document.addEventListener("stars-replayed", ({detail: {left, gone, taps}}) => {
    for (const {guid, want, text} of left) {
      const {title} = taps.get(guid), notice = note(`“${title}”: ${text} `);
      notice.append(button(want ? "Star it again" : "Unstar it again", () => {
        notice.remove();
        offline.queue(guid, want, title);
        offline.replay();
      }));
      main.prepend(notice);
    }
    for (const guid of gone) {
      main.prepend(note(`“${taps.get(guid).title}” is no longer in the programme, so it has no star.`));
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target, isLogOut = form.matches("form[action$='/logout/']");
    if (isLogOut && offline.waiting().size && !form.dataset.asked) {
      event.preventDefault();
      await offline.replay();
      form.dataset.asked = "yes";
      const count = offline.waiting().size;
      if (count) {
        const asks = note(`${count === 1 ? "1 change" : `${count} changes`} could not be saved. Log out again to leave without.`);
        asks.setAttribute("role", "alert");
        form.before(asks);
      } else {
        form.requestSubmit();
      }
    } else if (isLogOut || form.matches("[data-leaving]")) {
      Object.keys(localStorage).filter((key) => /^stars?(:|$)/.test(key)).forEach((key) => localStorage.removeItem(key));
    }
  });
})();
