// What is being written, and whether it is a note: kept per conversation, in this tab, until it is sent.
const key = (conversation) => `frontdesk-draft-${conversation}`;
const box = (conversation) => document.querySelector(`#composer[data-conversation="${conversation}"]`)?.elements.text;
const kindKey = (conversation) => `frontdesk-kind-${conversation}`;

export const draftOf = (conversation) => sessionStorage.getItem(key(conversation)) ?? "";

// Words nobody knows the kind of are a note: saved for colleagues by mistake they can still be sent, but what a customer
// has read cannot be taken back.
export const kindOf = (conversation) =>
  sessionStorage.getItem(kindKey(conversation)) ?? (draftOf(conversation).trim() ? "note" : "reply");

// The kind first: no words are ever kept without it.
export function keepDraft(conversation, words, kind) {
  sessionStorage.setItem(kindKey(conversation), kind);
  sessionStorage.setItem(key(conversation), words);
}

// The name of the sending that is to come: it stays until words were sent, so that a repeat is known as one.
const nameKey = (conversation) => `frontdesk-request-${conversation}`;

export function newName() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function nameOf(conversation) {
  const name = sessionStorage.getItem(nameKey(conversation)) ?? newName();
  sessionStorage.setItem(nameKey(conversation), name);
  return name;
}

export const forgetName = (conversation) => sessionStorage.removeItem(nameKey(conversation));

const filesKey = (conversation) => `frontdesk-files-${conversation}`;
export const keepFiles = (conversation, files) => sessionStorage.setItem(filesKey(conversation), JSON.stringify(files));
export const filesOf = (conversation) => JSON.parse(sessionStorage.getItem(filesKey(conversation)) ?? "[]");

const joined = (first, second) => (second.trim() ? `${first}\n\n${second}` : first);

// Words of a reply that return, before what stands there; behind what is a note by its mark, which only so stays one.
// With what is a note they are one, too. The box, where it is open.
export function putWords(conversation, words) {
  const open = box(conversation);
  const written = open ? open.value : draftOf(conversation);
  const both = written.trimStart().startsWith("//") ? joined(written.trimEnd(), words) : joined(words, written);
  const kind = written.trim() ? kindOf(conversation) : "reply";
  keepDraft(conversation, both, kind);
  if (open) {
    open.value = both;
    open.form.elements.kind.value = kind;
  }
  return open;
}

function rest(written, sent) {
  const now = written.trimStart();
  return now.startsWith(sent) ? now.slice(sent.length).trimStart() : written;
}

// These words are sent, whichever conversation is open by now; what was written since is not, and stays of its kind. Its
// box, where it is open.
export function takeSent(conversation, words) {
  const sent = words.trim();
  const open = box(conversation);
  const left = rest(open ? open.value : draftOf(conversation), sent);
  keepDraft(conversation, left, left ? kindOf(conversation) : "reply");
  if (open) open.value = left;
  return open;
}
