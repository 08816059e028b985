// Unread: the customer's messages nobody replied to that this person has not seen, on this device or another.
import { followAlerts, show as showAlerts } from "./alerts.js";
import { keepForms } from "./kept.js";
import { mayNotify } from "./notifying.js";

const SEEN = "frontdesk-seen";
const $ = (selector) => document.querySelector(selector);
const LOOK_MS = 10_000;
let counted;
let told; // the figures, on a page without the lists

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

function isFresh({ conversation, seen: upTo }, known) {
  const last = Math.max(known[conversation] ?? 0, Number(upTo));
  return (id) => id && Number(id) > last;
}

function countLists(known) {
  let total = Number($("#lists").dataset.queue);
  for (const line of document.querySelectorAll("#lists section:first-child .line")) {
    const fresh = line.dataset.unanswered.split(" ").filter(isFresh(line.dataset, known));
    const mark = line.querySelector(".unread");
    mark.hidden = fresh.length === 0;
    mark.textContent = fresh.length;
    line.classList.toggle("is-unread", fresh.length > 0);
    total += fresh.length;
  }
  return total;
}

function countTold(known) {
  return told.lines.reduce((sum, line) => sum + line.unanswered.filter(isFresh(line, known)).length, told.queue);
}

export function markUnread() {
  noteSeen();
  if (!$("#lists") && !told) return;
  const all = $("#lists") ? countLists(seen()) : countTold(seen());
  const isLate = showAlerts($("#lists") ? JSON.parse($("#lists").dataset.alerts) : told.alerts);
  const open = document.title.replace(/^(❗ )?(\(\d+\) )?/, "");
  document.title = `${isLate ? "❗ " : ""}${all ? `(${all}) ` : ""}${open}`;
  if (counted !== undefined && all > counted && document.hidden) notify();
  counted = all;
}

// -- pages without the lists ask for the figures; a stream for each would use up the browser's connections

async function ask() {
  const answer = await fetch("/desk/unread", { headers: { Accept: "application/json" } });
  if (answer.status === 401) {
    keepForms();
    location.reload(); // leads to the sign-in, which says why
  }
  if (!answer.ok || answer.redirected) return;
  told = await answer.json();
  markUnread();
}

export function followUnread() {
  followAlerts(markUnread);
  if ($("#lists") || !$("#account")) return;
  const look = () => ask().catch(() => {}); // the next look tries again
  look();
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}

// -- notifications

function notify() {
  if (!mayNotify()) return;
  const { notify: body } = $("#notices").dataset;
  const note = new Notification("Frontdesk", { body, tag: "frontdesk", icon: "/static/icon.svg" });
  note.addEventListener("click", () => { window.focus(); note.close(); openUnread(); });
}

// The first that is unread opens, else the next who waits; in a window of its own beside other pages than the desk, where
// something may be half written.
function openUnread() {
  const lists = $("#lists");
  const known = seen();
  const fresh = told?.lines.find((line) => line.unanswered.some(isFresh(line, known)));
  if (!lists) window.open(fresh ? `/conversations/${fresh.conversation}` : "/desk/first", "_blank");
  else (lists.querySelector(".line.is-unread") ?? lists.querySelector(".queue .line"))?.click();
}
