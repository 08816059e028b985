// Unread: the customer's messages nobody replied to that this person has not seen, on this device or another.
const SEEN = "frontdesk-seen";
const NOTIFY = "frontdesk-notify";
const $ = (selector) => document.querySelector(selector);
const title = document.title.replace(/^\(\d+\) /, "");
let counted;

function seen() {
  try { return JSON.parse(localStorage.getItem(SEEN)) ?? {}; } catch { return {}; }
}

function tellSeen(conversation, message) {
  fetch("/desk/seen", {
    method: "POST",
    body: new URLSearchParams({ conversation_id: conversation, message_id: message }),
  }).catch(() => {}); // it is told again with the next message
}

function noteSeen() {
  const thread = $("#thread");
  if (!thread || document.hidden) return;
  const all = seen();
  const last = Number(thread.dataset.last);
  const { conversation } = thread.dataset;
  if (last <= (all[conversation] ?? 0)) return;
  all[conversation] = last;
  localStorage.setItem(SEEN, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-500))));
  if ($("#composer")) tellSeen(conversation, last);
}

export function markUnread() {
  noteSeen();
  const known = seen();
  let total = 0;
  for (const line of document.querySelectorAll("#lists section:first-child .line")) {
    const upTo = Math.max(known[line.dataset.conversation] ?? 0, Number(line.dataset.seen));
    const fresh = line.dataset.unanswered.split(" ").filter((id) => id && Number(id) > upTo);
    const mark = line.querySelector(".unread");
    mark.hidden = fresh.length === 0;
    mark.textContent = fresh.length;
    line.classList.toggle("is-unread", fresh.length > 0);
    total += fresh.length;
  }
  const all = total + Number($("#lists")?.dataset.queue ?? 0);
  const open = $("#desk") ? document.title.replace(/^\(\d+\) /, "") : title;
  document.title = all ? `(${all}) ${open}` : open;
  if (counted !== undefined && all > counted && document.hidden) notify();
  counted = all;
}

// -- notifications: only where somebody turned them on, and the browser agreed

const mayNotify = () => "Notification" in window && Notification.permission === "granted" && localStorage.getItem(NOTIFY) === "yes";

function notify() {
  const lists = $("#lists");
  if (!mayNotify() || !lists) return;
  const note = new Notification("Frontdesk", { body: lists.dataset.notify, tag: "frontdesk", icon: "/static/icon.svg" });
  note.addEventListener("click", () => { window.focus(); note.close(); });
}

export function offerNotifications() {
  const place = $("#notify");
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
