// The desk's own script: live updates, unread marks, the box, presence. Every fact comes from the server's pages.
import { followChanges } from "./live.js";
import { followForms } from "./kept.js";
import { listenForKeys } from "./keys.js";
import { offerCannedReplies } from "./canned.js";
import { sendsFiles, takeFiles } from "./attaching.js";
import { heedBlanks, showUnfilled } from "./blanks.js";
import { followCasework } from "./casework.js";
import { showLength } from "./counting.js";
import { dropLateAnswers } from "./crossing.js";
import { followTicks } from "./choosing.js";
import { heedFirstClick } from "./doubling.js";
import { draftOf, forgetName, keepDraft, kindOf } from "./drafts.js";
import { goOnAfterMore } from "./more.js";
import { asked, followFailures } from "./notices.js";
import { offerNotifications } from "./notifying.js";
import { offerQuotes } from "./quoting.js";
import { growRows } from "./rows.js";
import { followSending } from "./sending.js";
import { offerSuggestions } from "./suggesting.js";
import { shareTyping, showTyping } from "./typing.js";
import { followUnread, markUnread } from "./unread.js";
import { showUnsent } from "./unsent.js";

const $ = (selector) => document.querySelector(selector);
const LATEST = 80; // a reader this close to the end (px) stays at the end

// -- the thread stays at its end while the reader is there

let wasAtEnd = true;
let endsAt = 0; // how far the list was scrolled when it was last at its end (px)
let shown = $("#thread")?.dataset.conversation;
const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < LATEST;

function toEnd() {
  const list = $("#messages");
  if (!list) return;
  list.scrollTop = list.scrollHeight;
  endsAt = list.scrollTop;
}

// The event that tells of scrolling comes a frame late: who has just scrolled up is not taken back down.
function stayAtEnd() {
  const list = $("#messages");
  if (wasAtEnd && list && (list.scrollTop >= endsAt || atEnd(list))) toEnd();
}

function followEnd() {
  wasAtEnd = true;
  endsAt = 0;
}

// What is added above must not push away what one reads: the place is kept as its distance from the end.
let fromEnd;
document.addEventListener("htmx:before:swap", (event) => {
  const list = $("#messages");
  if (!list || !event.detail.ctx.sourceElement?.closest?.("#earlier")) return;
  wasAtEnd = false;
  fromEnd = list.scrollHeight - list.scrollTop;
});

function keepPlace() {
  const list = $("#messages");
  if (list && fromEnd !== undefined) list.scrollTop = list.scrollHeight - fromEnd;
  fromEnd = undefined;
}

// -- what is being written: kept per conversation, with its kind, until it is sent

function dressBox() {
  const form = $("#composer");
  if (!form) return;
  const box = form.elements.text;
  const mayReply = $("#thread")?.dataset.writable !== "note";  // a colleague has it: notes are for them
  form.elements.kind.value = mayReply ? kindOf(form.dataset.conversation) : "note";
  const isNote = form.elements.kind.value === "note" || box.value.startsWith("//");
  form.classList.toggle("is-note", isNote);
  box.placeholder = isNote ? box.dataset.notePlaceholder : box.dataset.replyPlaceholder;
  showLength(form);
  showUnfilled(form);
  showUnsent();
}

function restoreDraft() {
  const form = $("#composer");
  if (!form || form.dataset.restored === form.dataset.conversation) return;
  form.dataset.restored = form.dataset.conversation;
  form.elements.text.value = draftOf(form.dataset.conversation);
  dressBox();
}

// A page the browser kept as it was, back in view: what it shows may have been sent from a later one.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  $("#composer")?.removeAttribute("data-restored");
  restoreDraft();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#composer");
  if (!form) return;
  keepDraft(form.dataset.conversation, form.elements.text.value, form.elements.kind.value);
  // What was given up is done with: the same words, written once more, are another reply.
  if (!form.elements.text.value) forgetName(form.dataset.conversation);
  dressBox();
});

document.addEventListener("keydown", (event) => {
  // An input method uses Enter to choose a word; that is not sending.
  if (event.target.id !== "words" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.target.value.trim() || sendsFiles(event.target.form)) event.target.form.requestSubmit();
});

// -- presence: an open page says "there" again before the last time is too old

const BEAT_MS = 45_000;

async function tellPresence(form, values, ask) {
  const answer = await ask(form.action, {
    method: "POST",
    headers: { "HX-Request": "true" },
    body: new URLSearchParams(values),
  });
  if (answer?.ok) showPresence(form, answer.headers.get("Frontdesk-Presence"));
}

function showPresence(form, value) {
  form.dataset.presence = value;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === value));
  }
}

function sayPresence() {
  const form = $("#presence");
  if (form?.dataset.presence === "online") tellPresence(form, {}, fetch).catch(() => {}); // the next beat tries again
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "presence") return;
  event.preventDefault();
  tellPresence(event.target, { presence: event.submitter.value }, asked);
});

// -- after each exchange with the server

// Only the reader scrolls: what is added below moves nothing and so raises no such event.
document.addEventListener("scroll", (event) => {
  if (event.target.id !== "messages") return;
  wasAtEnd = atEnd(event.target);
  if (wasAtEnd) endsAt = event.target.scrollTop;
}, true);

document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.request.method !== "GET") htmx.trigger(document.body, "desk:acted");
});

document.addEventListener("htmx:after:swap", () => {
  const conversation = $("#thread")?.dataset.conversation;
  if (conversation !== shown) followEnd();
  shown = conversation;
  restoreDraft();
  dressBox();
  markUnread();
  stayAtEnd();
  keepPlace();
  watchDelivery();
});

// A delivery's end is no news to the other desks, so the page that shows one under way looks again by itself.
let looking;
function watchDelivery() {
  clearTimeout(looking);
  if ($("#thread .tick.pending")) looking = setTimeout(() => htmx.trigger(document.body, "desk:changed"), 1500);
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) markUnread(); });
window.addEventListener("focus", markUnread);

document.cookie = `frontdesk_zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;
followFailures();
heedFirstClick();
dropLateAnswers();
listenForKeys();
offerCannedReplies();
heedBlanks();
followSending(() => { followEnd(); dressBox(); });
takeFiles();
offerQuotes();
growRows();
followForms();
followCasework();
followTicks();
offerSuggestions();
shareTyping();
offerNotifications();
followUnread();
$(".topbar [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
goOnAfterMore();
if ($("#desk")) {
  restoreDraft();
  markUnread();
  toEnd();
  watchDelivery();
  followChanges(() => htmx.trigger(document.body, "desk:changed"), (lanes) => { showTyping(lanes); stayAtEnd(); });
}
if ($("#team")) followChanges(() => htmx.trigger(document.body, "desk:changed"));
if ($("#presence")) {
  sayPresence();
  setInterval(sayPresence, BEAT_MS);
}
