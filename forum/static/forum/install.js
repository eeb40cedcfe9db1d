// Offers the site for the phone's home screen: on my agenda, in one line, until it is put away.
//
//   an iPhone or iPad        the line says how, as only its owner can do it
//   a browser that asks us   the line has a button, once the browser has said that it can
//   already installed        no line; what is kept then stays until its owner removes it
const box = document.getElementById("install"), button = document.getElementById("install-now");
const isInstalled = matchMedia("(display-mode: standalone)").matches;

box.hidden = isInstalled || Boolean(button);
if (isInstalled) {
  navigator.storage?.persist?.();
}
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // the browser's own bar would cover the page
  box.hidden = false;
  button.onclick = () => event.prompt();
});
addEventListener("appinstalled", () => box.remove());
document.getElementById("install-no").onclick = () => {
  document.cookie = "install=no; path=/; max-age=31536000; samesite=lax";
  box.remove();
};
