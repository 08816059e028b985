// Notifications of the browser: only where somebody turned them on, and the browser agreed.
const NOTIFY = "frontdesk-notify";

export const mayNotify = () => "Notification" in window && Notification.permission === "granted" && localStorage.getItem(NOTIFY) === "yes";

export function offerNotifications() {
  const place = document.querySelector("#notify");
  if (!place) return;
  const show = () => {
    const denied = "Notification" in window && Notification.permission === "denied";
    place.querySelector(".denied").hidden = !denied;
    const button = place.querySelector("button");
    button.disabled = denied || !("Notification" in window);
    button.textContent = mayNotify() ? button.dataset.off : button.dataset.on;
    button.setAttribute("aria-pressed", String(mayNotify()));
  };
  place.querySelector("button").addEventListener("click", async () => {
    if (mayNotify()) localStorage.removeItem(NOTIFY);
    else if (await Notification.requestPermission() === "granted") localStorage.setItem(NOTIFY, "yes");
    show();
  });
  show();
}
