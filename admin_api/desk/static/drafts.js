// What is being written: kept per conversation, in this tab, until it is sent.
const key = (conversation) => `frontdesk-draft-${conversation}`;
const box = (conversation) => document.querySelector(`#composer[data-conversation="${conversation}"]`)?.elements.text;

export const keepDraft = (conversation, words) => sessionStorage.setItem(key(conversation), words);
export const draftOf = (conversation) => sessionStorage.getItem(key(conversation)) ?? "";

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

// Words that return, before what stands there; behind what is a note by its mark, which only so stays one. The box,
// where it is open.
export function putWords(conversation, words) {
  const open = box(conversation);
  const written = open ? open.value : draftOf(conversation);
  const both = written.trimStart().startsWith("//") ? joined(written.trimEnd(), words) : joined(words, written);
  keepDraft(conversation, both);
  if (open) open.value = both;
  return open;
}

function rest(written, sent) {
  const now = written.trimStart();
  return now.startsWith(sent) ? now.slice(sent.length).trimStart() : written;
}

// These words are sent, whichever conversation is open by now; what was written since is not. Its box, where it is open.
export function takeSent(conversation, words) {
  const sent = words.trim();
  keepDraft(conversation, rest(draftOf(conversation), sent));
  const open = box(conversation);
  if (open) open.value = rest(open.value, sent);
  return open;
}
