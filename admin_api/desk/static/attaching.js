// Files: chosen, dropped or pasted into the box, sent through the API; and the forms that give something a file.
// They stay with the conversation they were chosen for: whoever opens another one meanwhile sends nothing to it.
import { forgetDraft } from "./drafts.js";

const $ = (selector) => document.querySelector(selector);
const MOST = 10;
const kept = new Map();
const here = () => $("#composer")?.dataset.conversation;
const chosen = (conversation = here()) => kept.get(conversation) ?? [];

function choose(conversation, files) {
  if (files.length) kept.set(conversation, files.slice(0, MOST));
  else kept.delete(conversation);
  show();
}

const leaveOut = (conversation, file) => choose(conversation, chosen(conversation).filter((one) => one !== file));
const isNote = (form) => form.elements.kind.value !== "reply" || form.elements.text.value.trimStart().startsWith("//");

export const sendsFiles = (form) => chosen(form.dataset.conversation).length > 0 && !isNote(form);

export function tell(words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice", textContent: words });
  notice.setAttribute("role", "alert");
  $("#notices").replaceChildren(notice);
}

async function upload(address, method, file, text, failed) {
  const body = new FormData();
  if (text) body.append("text", text);
  body.append("file", file, file.name);
  try {
    const answer = await fetch(address, { method, body });
    if (answer.ok) return true;
    tell((await answer.json()).detail ?? failed);
  } catch {
    tell(failed);
  }
  return false;
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
    remove.setAttribute("aria-label", list.dataset.remove.replace("{name}", file.name));
    remove.addEventListener("click", () => leaveOut(conversation, file));
    row.append(file.name, remove);
    return row;
  }));
}

function add(files) {
  if (here() && files.length) choose(here(), [...chosen(), ...files]);
}

async function send(form) {
  const { conversation } = form.dataset;
  const isOpen = () => here() === conversation;
  const { failed } = $(".chosen-files").dataset;
  const address = `/api/v1/conversations/${conversation}/attachments`;
  const box = form.elements.text;
  // Canned replies may bring files, so their words go by themselves.
  let words = form.elements.canned.value ? "" : box.value.trim();
  const button = form.querySelector(".send");
  button.disabled = true;
  for (let [file] = chosen(conversation); file; [file] = chosen(conversation)) {
    if (!(await upload(address, "POST", file, words, failed))) break;
    leaveOut(conversation, file);
    if (words) forgetDraft(conversation, words);
    words = "";
  }
  button.disabled = false;
  if (!isOpen()) return;
  if (!chosen().length && form.isConnected && form.elements.canned.value && box.value.trim()) form.requestSubmit();
  else htmx.trigger(document.body, "desk:changed");
}

export function takeFiles() {
  document.addEventListener("click", (event) => { if (event.target.closest(".attach")) $("#files").click(); });
  document.addEventListener("change", (event) => {
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
  });
  document.addEventListener("htmx:after:swap", () => {
    if ($(".chosen-files")?.childElementCount || chosen().length) show();
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.upload) {
      event.preventDefault();
      if (await upload(form.dataset.upload, "PUT", form.elements.file.files[0], "", form.dataset.failed)) location.reload();
    } else if (form.id === "composer" && sendsFiles(form)) {
      event.preventDefault();
      event.stopPropagation(); // before htmx sends the words alone
      send(form);
    }
  }, true);
}
