// Django writes beside each date how far the browser's clock is from the server's. These pages name the event's zone.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  if (window.DateTimeShortcuts) window.DateTimeShortcuts.addTimezoneWarning = () => {};
});
