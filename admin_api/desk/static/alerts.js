// Promised replies near their end, or broken, and cases that are overdue: told in a bar that stands until it is closed or they are settled, and by
// the browser where somebody turned that on. Each once: what was told or closed is known on every page of this browser.
import { mayNotify } from "./notifying.js";

const CLOSED = "frontdesk-alerts-closed";
const TOLD = "frontdesk-alerts-told";
const SHOWN = 3;
const MOST_KEPT = 500;
const $ = (selector) => document.querySelector(selector);
let standing = [];
let drawn = "";
let retitle = () => {};

function known(name) {
  try { return new Set(JSON.parse(localStorage.getItem(name)) ?? []); } catch { return new Set(); }
}

function add(name, alerts) {
  const keys = known(name);
  const fresh = alerts.map((alert) => alert.key).filter((key) => !keys.has(key));
  if (fresh.length) localStorage.setItem(name, JSON.stringify([...keys, ...fresh].slice(-MOST_KEPT)));
}

function close(alerts) {
  add(CLOSED, alerts);
  retitle();
}

function line(alert) {
  const row = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: alert.href });
  link.textContent = alert.words;
  link.addEventListener("click", () => close([alert]));
  row.append(link);
  return row;
}

function draw(bar) {
  const now = JSON.stringify(standing.map((alert) => alert.words));
  if (now === drawn) return; // said once to who hears the page read out
  drawn = now;
  const more = bar.querySelector(".rest");
  const rest = standing.length - SHOWN;
  bar.hidden = standing.length === 0;
  bar.classList.toggle("is-late", standing.some((alert) => alert.late));
  bar.querySelector("ul").replaceChildren(...standing.slice(0, SHOWN).map(line));
  more.textContent = rest > 0 ? more.dataset.words.replace("{n}", rest) : "";
}

function notify(alert) {
  const options = { body: alert.short, tag: `frontdesk-${alert.key}`, icon: "/static/icon.svg" };
  const note = new Notification("Frontdesk", options);
  note.addEventListener("click", () => {
    window.focus();
    note.close();
    const open = $(`#${alert.line}`);
    if (open) open.click();
    else window.open(alert.href, "_blank");
  });
}

// What is not closed stands and is told; whether any of it is overdue, for the title's mark.
export function show(alerts) {
  const bar = $("#alerts");
  if (!bar) return false;
  const closed = known(CLOSED);
  const told = known(TOLD);
  standing = alerts.filter((alert) => !closed.has(alert.key));
  draw(bar);
  if (document.hidden && mayNotify()) standing.filter((alert) => !told.has(alert.key)).slice(0, SHOWN).forEach(notify);
  add(TOLD, standing);
  return standing.some((alert) => alert.late);
}

// `draw` shows anew what is known, once something was closed.
export function followAlerts(draw) {
  retitle = draw;
  $("#alerts .close")?.addEventListener("click", () => close(standing));
}
