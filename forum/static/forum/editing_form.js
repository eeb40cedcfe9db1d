// The form of any row, to which somebody comes back: the page is made anew, and the browser fills in what they typed.
// That must be merged from where it began, so that has to come back, too: browsers fill in again what is not as the
// page had it. Once a form was sent, nothing comes back: what is saved is shown, and is where the next edit begins.
"use strict";

for (const base of document.querySelectorAll("input[name=_base]")) {
  const { value } = base;
  base.defaultValue = "";
  base.value = value;
  base.form.addEventListener("submit", () => { base.form.autocomplete = "off"; });
}
