// The form of a session: the end keeps its distance when the start moves, and another event brings its own zone,
// rooms and tracks. Without this script, an empty end is filled in when the form is saved.
"use strict";

(() => {
  const field = (name) => document.getElementById(`id_${name}`);
  const pair = (name) => [field(`${name}_0`), field(`${name}_1`)];
  const moment = ([day, time]) => {
    const [, date, month, year] = /^(\d+)\/(\d+)\/(\d{4})$/.exec(day.value) || [];
    const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(time.value) || [];
    return year && hour ? Date.UTC(year, month - 1, date, hour, minute) : NaN;
  };
  const two = (number) => String(number).padStart(2, "0");
  const write = ([day, time], value) => {
    const at = new Date(value);
    day.value = `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
    time.value = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };

  window.addEventListener("load", () => {
    const [start, end] = [pair("start"), pair("end")];
    if (start[0] && end[0]) {
      let length = moment(end) - moment(start);
      const follow = () => {
        const begins = moment(start);
        if (Number.isNaN(begins)) return;
        write(end, begins + (length > 0 ? length : 30 * 60000));
      };
      for (const input of start) for (const event of ["change", "blur"]) input.addEventListener(event, follow);
      for (const input of end) input.addEventListener("change", () => { length = moment(end) - moment(start); });
    }
    const [event, use] = [field("event"), document.querySelector("button[name=_use_event]")];
    if (event && use && window.django) window.django.jQuery(event).on("select2:select", () => use.click());
  });
})();
