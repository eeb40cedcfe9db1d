// The form of a session: the end keeps its distance when the start moves, the zone's name is that of the chosen day, and
// another event brings its own zone, rooms and tracks. Without this script, an empty end is filled in when the form is
// saved, and the zone has the names that it has during the event.
"use strict";

(() => {
  const HALF_AN_HOUR = 30 * 60000;
  const LEFT = ["change", "focus", "blur"]; // Django's calendar and clock write a value and focus its field, no more
  const field = (name) => document.getElementById(`id_${name}`);
  const pair = (name) => [field(`${name}_0`), field(`${name}_1`)];
  const date = (input) => /^(\d+)\/(\d+)\/(\d{4})$/.exec(input.value) || [];
  const moment = ([day, time]) => {
    const [, dayOfMonth, month, year] = date(day);
    const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(time.value) || [];
    return year && hour ? Date.UTC(year, month - 1, dayOfMonth, hour, minute) : NaN;
  };
  const two = (number) => String(number).padStart(2, "0");
  const write = ([day, time], value) => {
    const at = new Date(value);
    day.value = `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
    time.value = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };
  const on = (inputs, act) => {
    for (const input of inputs) for (const event of LEFT) input.addEventListener(event, act);
  };

  const endFollowsStart = (start, end) => {
    let [begins, length] = [moment(start), moment(end) - moment(start)];
    on(start, () => {
      const now = moment(start);
      if (Number.isNaN(now) || now === begins) return;
      if (Number.isNaN(length)) length = moment(end) - now; // the end was typed first
      begins = now;
      write(end, now + (length > 0 ? length : HALF_AN_HOUR));
    });
    on(end, () => { length = moment(end) - moment(start); });
  };

  const zoneFollowsDay = (day, zone) => {
    const names = JSON.parse(zone.dataset.names);
    const say = () => {
      const [, dayOfMonth, month, year] = date(day);
      zone.textContent = names[year && `${year}-${two(month)}-${two(dayOfMonth)}`] || names[""];
    };
    on([day], say);
    say();
  };

  window.addEventListener("load", () => {
    const [start, end, zone] = [pair("start"), pair("end"), document.getElementById("zone-names")];
    if (start[0] && end[0]) endFollowsStart(start, end);
    if (start[0] && zone) zoneFollowsDay(start[0], zone);
    const [event, use] = [field("event"), document.querySelector("button[name=_use_event]")];
    if (event && use && window.django) window.django.jQuery(event).on("select2:select", () => use.click());
  });
})();
