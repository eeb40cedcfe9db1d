// Passkeys: the forms marked data-passkey ask the browser for one and send what it says. Without scripts, or where
// browsers allow none (a bare IP address, no https), they stay hidden and the other ways in remain.
(() => {
  "use strict";

  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  if (!window.PublicKeyCredential || isAddress) {
    return;
  }

  const CANCELLED = "No passkey was used. Try again, or another way.";
  const REASONS = {
    InvalidStateError: "This device has a passkey for your account already.",
    NotAllowedError: CANCELLED,
    NotSupportedError: "This device cannot make a passkey.",
  };
  const BROKEN = "That did not work. Reload the page, then try again.";

  let suggesting; // what the address field suggests; a browser listens to one request at a time

  function say(form, text) {
    form.querySelector(".errors")?.remove();
    const errors = document.createElement("div");
    errors.className = "errors";
    errors.setAttribute("role", "alert");
    form.append(errors);
    errors.textContent = text; // after it stands in the page, so that it is read aloud
  }

  async function optionsOf(form) {
    const inPage = document.getElementById(form.dataset.options);
    if (inPage) {
      return JSON.parse(inPage.textContent);
    }
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!response.ok) {
      throw new Error(response.statusText);
    }
    return response.json();
  }

  async function send(form, how) {
    const { creation_options: creation, request_options: request } = await optionsOf(form);
    if (creation) {
      // A passkey, not merely a second factor: the device keeps it, and asks who is there.
      const wanted = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
      Object.assign(creation.publicKey.authenticatorSelection, wanted);
    }
    form.dataset.state = "asking";
    const made = creation ? webauthnJSON.create(creation) : webauthnJSON.get({ ...request, ...how });
    form.elements.credential.value = JSON.stringify(await made);
    form.submit();
  }

  async function ask(form) {
    suggesting?.abort();
    try {
      await send(form);
    } catch (error) {
      form.dataset.state = "failed";
      say(form, REASONS[error.name] ?? BROKEN);
    }
  }

  async function suggest(form) {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) {
      return;
    }
    suggesting = new AbortController();
    try {
      await send(form, { mediation: "conditional", signal: suggesting.signal });
    } catch {
      // Nobody asked for anything yet; the button is there.
    }
  }

  for (const element of document.querySelectorAll("[data-no-passkey]")) {
    element.hidden = true;
  }
  for (const element of document.querySelectorAll("[data-passkey]")) {
    element.hidden = false;
  }
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
    if (form.dataset.passkey === "suggested") {
      suggest(form);
    }
    if (form.dataset.passkey === "at once") {
      ask(form);
    }
  }
})();
