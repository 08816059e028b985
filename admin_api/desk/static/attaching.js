// Files: chosen, dropped or pasted into the box, sent through the API; and the forms that give something a file.
// They stay with the conversation they were chosen for: whoever opens another one meanwhile sends nothing to it.
// What came back with a reply that was taken back lies with the server still: { file: its key, name, size }; so do the
// files of an article whose answer was suggested (isOfArticle).
import { broughtTo } from "./blanks.js";
import { filesOf, keepFiles, newName, takeSent } from "./drafts.js";
import { asked, clearNotices, tell } from "./notices.js";
import { quoteOf, quoteSent } from "./quoting.js";
import { noteSent, noteUnsent, showUnsent } from "./unsent.js";

const $ = (selector) => document.querySelector(selector);
const MOST = 10;
const kept = new Map();
const here = () => $("#composer")?.dataset.conversation;
const isOurs = (file) => file instanceof File;

function chosen(conversation = here()) {
  if (conversation && !kept.has(conversation)) kept.set(conversation, filesOf(conversation));
  return kept.get(conversation) ?? [];
}

function choose(conversation, files) {
  kept.set(conversation, files);
  keepFiles(conversation, files.filter((file) => !isOurs(file)));
  show();
}

export const putFiles = (conversation, files) => choose(conversation, [...files, ...chosen(conversation)]);

// Files of an article, which lie with the server; those that are chosen already are not chosen twice.
export function offerFiles(conversation, files) {
  const there = new Set(chosen(conversation).map((file) => file.file));
  const more = files.filter((file) => !there.has(file.file)).map((file) => ({ ...file, isOfArticle: true }));
  choose(conversation, [...chosen(conversation), ...fitting(more, Math.max(0, MOST - chosen(conversation).length))]);
}

const leaveOut = (conversation, file) => choose(conversation, chosen(conversation).filter((one) => one !== file));
const isNote = (form) => form.elements.kind.value !== "reply" || form.elements.text.value.trimStart().startsWith("//");

export const sendsFiles = (form) => chosen(form.dataset.conversation).length > 0 && !isNote(form);

async function upload(address, method, file, text, headers = {}) {
  const body = new FormData();
  if (text) body.append("text", text);
  body.append("file", file, file.name);
  return asked(address, { method, headers, body });
}

// A try whose answer was lost is repeated under its name; with other words it is another one.
const tries = new WeakMap();

function nameOfTry(file, text, quote) {
  const said = `${quote ?? ""} ${text}`;
  if (tries.get(file)?.said !== said) tries.set(file, { said, name: newName() });
  return { "Idempotency-Key": tries.get(file).name };
}

function sendFile(conversation, file, text, quote) {
  const address = `/api/v1/conversations/${conversation}/attachments`;
  const name = nameOfTry(file, text, quote);
  const blanks = broughtTo(conversation);
  if (isOurs(file)) {
    const more = new URLSearchParams({ ...(quote && { reply_to_id: quote }), ...(blanks.length && { blanks: blanks.join("\n") }) });
    return upload(more.size ? `${address}?${more}` : address, "POST", file, text, name);
  }
  const headers = { "Content-Type": "application/json", ...name };
  const way = file.isOfArticle ? "of-article" : "again";
  return asked(`${address}/${way}`, { method: "POST", headers, body: JSON.stringify({ file: file.file, text, reply_to_id: quote, blanks }) });
}

function show() {
  const list = $(".chosen-files");
  if (!list) return;
  const conversation = here();
  const files = chosen(conversation);
  list.hidden = files.length === 0;
  $("#words").required = files.length === 0;
  list.replaceChildren(...files.map((file) => {
    const row = document.createElement("li");
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", list.dataset.remove.replace("{name}", () => file.name));
    remove.addEventListener("click", () => leaveOut(conversation, file));
    row.append(file.name, remove);
    return row;
  }));
  showUnsent();
}

// Those that can be sent at all; which cannot, and why, is said at once.
function fitting(files, room) {
  const { limit, tooLarge, tooMany } = $("#notices").dataset;
  const large = files.filter((file) => file.size > Number(limit));
  const small = files.filter((file) => file.size <= Number(limit));
  const told = [[tooLarge, large], [tooMany, small.slice(room)]].filter(([, some]) => some.length);
  const named = ([words, some]) => words.replace("{names}", () => some.map((file) => file.name).join(", "));
  if (told.length) tell(told.map(named).join(" "));
  return small.slice(0, room);
}

function add(files) {
  if (here() && files.length) choose(here(), [...chosen(), ...fitting(files, Math.max(0, MOST - chosen().length))]);
}

const sending = new Set(); // the conversations whose files are under way

async function send(form) {
  const { conversation } = form.dataset;
  if (sending.has(conversation)) return; // Enter once more is no second reply
  sending.add(conversation);
  form.querySelector(".send").disabled = true;
  clearNotices();
  await sendAll(form, conversation);
  sending.delete(conversation);
  form.querySelector(".send").disabled = false;
  if (here() !== conversation) return;
  const { canned, text } = form.elements;
  if (!chosen().length && form.isConnected && canned.value && text.value.trim()) form.requestSubmit();
  else htmx.trigger(document.body, "desk:changed");
}

async function sendAll(form, conversation) {
  // Canned replies may bring files, so their words go by themselves.
  let words = form.elements.canned.value ? "" : form.elements.text.value.trim();
  for (let [file] = chosen(conversation); file; [file] = chosen(conversation)) {
    const quote = quoteOf(conversation)?.id;
    if (!(await sendFile(conversation, file, words, quote && Number(quote)))) {
      noteUnsent(conversation, "reply");
      return;
    }
    leaveOut(conversation, file);
    quoteSent(conversation, quote); // the first of several answers
    if (words) takeSent(conversation, words)?.dispatchEvent(new Event("input", { bubbles: true }));
    words = "";
  }
  noteSent(conversation);
}

// A form that gives something files, one after the other; the page, or the part of it that shows them, is asked for anew.
async function giveFiles(form) {
  const { upload: address, method = "PUT", refresh, version } = form.dataset;
  const [button] = form.getElementsByTagName("button");
  button.disabled = true; // once more would give them twice
  clearNotices();
  let given = 0;
  let read = version && `"${version}"`; // what a colleague changed since is not written over
  for (const file of form.elements.file.files) {
    const answer = await upload(address, method, file, "", read ? { "If-Match": read } : {});
    if (!answer) break;
    read &&= answer.headers.get("ETag");
    given += 1;
  }
  button.disabled = false;
  if (!given) return;
  if (refresh) htmx.trigger(refresh, "desk:look");
  else location.reload();
}

export function takeFiles() {
  document.addEventListener("click", (event) => { if (event.target.closest(".attach")) $("#files").click(); });
  document.addEventListener("change", (event) => {
    if (event.target.type === "file" && event.target.form?.matches("[data-upload], [data-room]")) {
      const { room = MOST } = event.target.form.dataset;
      if (fitting([...event.target.files], room).length < event.target.files.length) event.target.value = "";
    }
    if (event.target.id !== "files") return;
    add([...event.target.files]);
    event.target.value = "";
    $("#words").focus();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id === "words") add([...event.clipboardData.files]);
  });
  document.addEventListener("dragover", (event) => { if ($("#composer")) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!$("#composer")) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
    $("#words").focus(); // Enter sends them
  });
  document.addEventListener("htmx:after:swap", () => {
    if ($(".chosen-files")?.childElementCount || chosen().length) show();
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.upload) {
      event.preventDefault();
      giveFiles(form);
    } else if (form.id === "composer" && sendsFiles(form)) {
      event.preventDefault();
      event.stopPropagation(); // before htmx sends the words alone
      send(form);
    }
  }, true);
  show();
}
