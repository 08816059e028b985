// Canned replies in the box: / opens a list, letters narrow it, the arrow keys and Enter choose.
import { bring } from "./blanks.js";
import { asked } from "./notices.js";

const CALL = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u; // not //, which begins a note
const SHOWN = 8;
const FRESH_MS = 30_000;
const $ = (selector) => document.querySelector(selector);
let loaded = { conversation: "", at: 0, items: [] };
let shown = [];
let at = 0;
let looks = 0;

async function load(conversation) {
  if (loaded.conversation !== conversation || Date.now() - loaded.at > FRESH_MS) {
    const answer = await asked(`/api/v1/conversations/${conversation}/canned-replies`);
    if (!answer) return null;
    loaded = { conversation, at: Date.now(), items: (await answer.json()).items };
  }
  return loaded.items;
}

function fitting(items, part) {
  const wanted = part.toLowerCase();
  const starts = items.filter((one) => one.shortcode.startsWith(wanted));
  const holds = items.filter((one) => !starts.includes(one)
    && `${one.shortcode} ${one.category} ${one.text}`.toLowerCase().includes(wanted));
  return [...starts, ...holds].slice(0, SHOWN);
}

function option(one, place) {
  const row = document.createElement("div");
  row.role = "option";
  row.id = `canned-${place}`;
  row.setAttribute("aria-selected", String(place === at));
  const code = document.createElement("b");
  code.textContent = `/${one.shortcode}`;
  const words = document.createElement("span");
  words.textContent = one.text;
  row.append(code, words);
  if (one.file) row.append(Object.assign(document.createElement("i"), { textContent: one.file }));
  row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one); });
  return row;
}

function draw() {
  const picker = $("#picker");
  picker.hidden = false;
  if (shown.length) picker.replaceChildren(...shown.map(option));
  else picker.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: picker.dataset.none }));
  const box = $("#words");
  if (shown.length) box.setAttribute("aria-activedescendant", `canned-${at}`);
  $(`#canned-${at}`)?.scrollIntoView({ block: "nearest" });
}

function close() {
  const picker = $("#picker");
  if (picker) picker.hidden = true;
  $("#words")?.removeAttribute("aria-activedescendant");
}

const isOpen = () => $("#picker") && !$("#picker").hidden;
const called = (box) => CALL.exec(box.value.slice(0, box.selectionStart));

async function look(box) {
  if (!called(box)) { close(); return; }
  const mine = ++looks;
  const items = await load(box.form.dataset.conversation);
  if (mine !== looks) return; // a later letter asked again: an answer that is late would undo what was chosen since
  const found = called(box); // what was typed while the list was fetched counts
  if (!items || !found || document.activeElement !== box) { close(); return; }
  shown = fitting(items, found[1]);
  at = 0;
  draw();
}

function put(box, words, from, to) {
  box.setRangeText(words, from, to, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

function choose(one) {
  const box = $("#words");
  const found = called(box);
  const end = box.selectionStart;
  bring(box.form.dataset.conversation, one.missing.map((name) => `{${name}}`));
  put(box, one.text, found ? end - found[1].length - 1 : end, end);
  const used = box.form.elements.canned;
  used.value = [...new Set([...used.value.split(",").filter(Boolean), String(one.id)])].slice(-10).join(",");
  close();
  if (!box.value.trim() && one.file) put(box, one.file, box.value.length, box.value.length);
  if (one.missing.length) ask(box, one.missing);
}

// For each of these blanks in the box, what nobody knows.
export function ask(box, names) {
  const dialog = $("#blanks");
  const fields = names.map((name) => {
    const label = document.createElement("label");
    label.append(name, Object.assign(document.createElement("input"), { name, required: true, maxLength: 500 }));
    return label;
  });
  dialog.querySelector(".fields").replaceChildren(...fields);
  dialog.querySelector("form").onsubmit = (event) => {
    let words = box.value;
    for (const [name, value] of new FormData(event.target)) words = words.replaceAll(`{${name}}`, () => value);
    put(box, words, 0, box.value.length);
  };
  dialog.showModal();
}

const KEYS = {
  ArrowDown: () => { at = (at + 1) % Math.max(shown.length, 1); draw(); },
  ArrowUp: () => { at = (at + shown.length - 1) % Math.max(shown.length, 1); draw(); },
  Enter: () => (shown.length ? choose(shown[at]) : close()),
  Tab: () => (shown.length ? choose(shown[at]) : close()),
  Escape: close,
};

export function offerCannedReplies() {
  document.addEventListener("input", (event) => { if (event.target.id === "words") look(event.target); });
  document.addEventListener("focusout", (event) => { if (event.target.id === "words") close(); });
  // Before the box's own keys: Enter here chooses and does not send.
  document.addEventListener("keydown", (event) => {
    const does = isOpen() && event.target.id === "words" && !event.isComposing && KEYS[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }, true);
}
