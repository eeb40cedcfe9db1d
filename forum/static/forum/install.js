// Says how to have the site on the phone's home screen: on my agenda, in one line, until it is put away.
//
//   an iPhone or iPad        says how, as only its owner can do it
//   a browser that asks us   a button, once it has said that it can
//   already installed        nothing; what is kept then stays until its owner removes it
(() => {
  "use strict";

  const box = document.getElementById("install");
  const isInstalled = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
  let question = null;

  function show(kind) {
    box.hidden = false;
    box.querySelector(`[data-for=${kind}]`).hidden = false;
  }

  if (isInstalled) {
    navigator.storage?.persist?.();
    return;
  }
  if (/iPhone|iPad|iPod/.test(navigator.userAgent)) {
    show("ios");
  }
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // the browser's own bar would cover the page
    question = event;
    show("browser");
  });
  addEventListener("appinstalled", () => box.remove());
  document.getElementById("install-now").addEventListener("click", () => question.prompt());
  document.getElementById("install-no").addEventListener("click", () => {
    document.cookie = "install=no; path=/; max-age=31536000; samesite=lax";
    box.remove();
  });
})();
