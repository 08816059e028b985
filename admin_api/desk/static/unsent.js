// A reply or a note that could not be sent says so above its box, until a try gets through or the box is emptied.
import { tell } from "./notices.js";

const $ = (selector) => document.querySelector(selector);
const unsent = new Map(); // conversation -> "reply" or "note"

export function noteUnsent(conversation, kind) {
  unsent.set(conversation, kind);
  if ($("#composer")?.dataset.conversation === conversation) showUnsent();
  else tell($("#notices").dataset.unsent.replace("{number}", conversation));
}

export function noteSent(conversation) {
  unsent.delete(conversation);
  showUnsent();
}

export function showUnsent() {
  const form = $("#composer");
  if (!form) return;
  const { conversation } = form.dataset;
  const hasWords = form.elements.text.value.trim() !== "";
  const hasFiles = !form.querySelector(".chosen-files").hidden;
  if (!hasWords && !hasFiles) unsent.delete(conversation);
  const kind = unsent.get(conversation);
  const line = form.querySelector(".unsent");
  const told = kind ? line.dataset[hasWords ? kind : "files"] : "";
  line.hidden = !told;
  if (line.textContent !== told) line.textContent = told;
}
