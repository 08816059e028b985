// The chat's page: joins the connection, the transcript and the composer.

import { Connection, newId } from "/connection.js";
import { RefusedFile, Tray, fetched, upload } from "/files.js";
import { Typing } from "/typing.js";
import { View } from "/view.js";

const LONGEST = 4096;
const NOTICE_MS = 8_000;
const language = document.documentElement.lang;
const texts = JSON.parse(document.body.dataset.texts);
const isEmbedded = window.parent !== window;

const state = document.getElementById("state");
const notice = document.getElementById("notice");
const composer = document.getElementById("composer");
const field = document.getElementById("text");
const send = document.getElementById("send");
const close = document.getElementById("close");
const goOn = document.getElementById("go-on");

const unsent = new Map(); // client id of a message -> its file, until the server has it
const view = new View({ texts, language, onPress: press, onRetry: retry, fetchFile: (key) => fetched(key, connection.token) });
const tray = new Tray({ texts, limit: Number(document.body.dataset.maxUpload), onChange: changed, onRefused: warn });
const connection = new Connection({ language, since: () => view.newest, onFrame: take, onState: showState });

const typing = new Typing({ connection, words: texts.typing, named: texts.typing_named, line: document.getElementById("typing") });

function take(frame) {
  if (frame.type === "welcome") welcome(frame);
  else if (frame.type === "message") arrived(frame);
  else if (frame.type === "accepted") accepted(frame.client_id);
  else if (frame.type === "choices_used") view.useById(frame.message_id, frame.index);
  else if (frame.type === "typing") typing.show(frame);
  else if (frame.type === "link") travel.arrived(frame.url);
  else if (frame.type === "error") refused(frame);
}

function welcome(frame) {
  frame.history.forEach((message) => view.show(message));
  goOn.hidden = !frame.has_telegram;
}

function arrived(message) {
  if (message.author === "agent") typing.show({ is_typing: false });
  if (view.show(message) && message.author !== "customer") tellHost({ frontdesk: "message" });
}

function accepted(clientId) {
  unsent.delete(clientId);
  view.settle(clientId, "sent");
}

function refused(error) {
  travel.missed();
  if (error.client_id) view.settle(error.client_id, "failed");
  warn(error.text);
}

// The link comes a moment after the tap, when browsers may no longer allow a new tab: it is opened at once, empty.
const travel = {
  leave() {
    if (!connection.goOn()) return;
    this.tab = window.open("about:blank", "_blank");
    if (this.tab) this.tab.opener = null;
  },
  arrived(url) {
    if (this.tab && !this.tab.closed) this.tab.location.replace(url);
    else offer(url);
    this.tab = null;
  },
  missed() {
    this.tab?.close();
    this.tab = null;
  },
};

function offer(url) {
  const way = document.createElement("a");
  way.href = url;
  way.target = "_blank";
  way.rel = "noopener noreferrer";
  way.textContent = texts.go_on;
  warn(texts.link_ready);
  notice.append(" ", way);
}

function showState(now) {
  state.textContent = now === "online" ? texts.tagline : texts.offline;
  document.body.classList.toggle("offline", now !== "online");
}

function warn(text) {
  clearTimeout(warn.timer);
  notice.textContent = text;
  notice.hidden = false;
  warn.timer = setTimeout(() => (notice.hidden = true), NOTICE_MS);
}

function retry(clientId, text) {
  notice.hidden = true;
  view.settle(clientId, "sending");
  if (unsent.has(clientId)) sendFile(clientId, text);
  else connection.say(text, clientId);
}

function sayNew(text) {
  const clientId = connection.say(text);
  view.show({ client_id: clientId, author: "customer", text });
  view.settle(clientId, "sending");
}

// A file goes first by itself, then the message that carries it.
async function sendFile(clientId, text) {
  const file = unsent.get(clientId);
  try {
    connection.say(text, clientId, await upload(file, connection.token));
  } catch (error) {
    view.settle(clientId, "failed");
    const reasons = { 413: texts.too_large, 422: texts.upload_empty, 429: texts.too_fast };
    const known = error instanceof RefusedFile && reasons[error.status];
    const limit = Math.round(tray.limit / 2 ** 20);
    warn((known || texts.upload_failed).replace("{name}", () => file.name).replace("{limit}", limit));
  }
}

function sayWithFile(text, file) {
  const clientId = newId();
  unsent.set(clientId, file);
  view.show({ client_id: clientId, author: "customer", text, file });
  view.settle(clientId, "sending");
  sendFile(clientId, text);
}

function press(messageId, index) {
  connection.press(messageId, index);
  view.useById(messageId, index);
  field.focus({ preventScroll: true });
}

function submit() {
  const text = field.value.trim();
  if (!text && !tray.files.length) return;
  const length = Array.from(text).length; // code points, as the server counts
  if (length > LONGEST) {
    warn(texts.too_long.replace("{count}", length).replace("{limit}", LONGEST));
    return;
  }
  notice.hidden = true;
  field.value = "";
  typing.tell("");
  const [first, ...more] = tray.take();
  fit();
  if (first) sayWithFile(text, first);
  else sayNew(text);
  more.forEach((file) => sayWithFile("", file));
}

function changed() {
  fit();
  if (tray.files.length) field.focus({ preventScroll: true });
}

function fit() {
  send.disabled = !field.value.trim() && !tray.files.length;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function tellHost(what) {
  // The host page's origin is not known here; what is told holds no words of anybody.
  if (isEmbedded) window.parent.postMessage(what, "*");
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  field.focus();
});
field.addEventListener("input", fit);
field.addEventListener("input", () => typing.tell(field.value));
field.addEventListener("keydown", (event) => {
  // isComposing: Enter picks a word in a Chinese input method and must not send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
goOn.addEventListener("click", () => travel.leave());
document.getElementById("person").addEventListener("click", () => sayNew("/human"));

if (isEmbedded) {
  document.body.classList.add("embedded");
  close.hidden = false;
  close.addEventListener("click", () => tellHost({ frontdesk: "close" }));
  addEventListener("keydown", (event) => event.key === "Escape" && tellHost({ frontdesk: "close" }));
}
fit();
if (matchMedia("(hover: hover)").matches && !isEmbedded) field.focus();
