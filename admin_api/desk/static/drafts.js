// What is being written: kept per conversation, in this tab, until it is sent.
const key = (conversation) => `frontdesk-draft-${conversation}`;
const box = (conversation) => document.querySelector(`#composer[data-conversation="${conversation}"]`)?.elements.text;

export const keepDraft = (conversation, words) => sessionStorage.setItem(key(conversation), words);
export const draftOf = (conversation) => sessionStorage.getItem(key(conversation)) ?? "";
export const dropDraft = (conversation) => sessionStorage.removeItem(key(conversation));

// These words are sent, whichever conversation is open by now; what was written since is not.
export function forgetDraft(conversation, words) {
  if (draftOf(conversation).trim() === words) dropDraft(conversation);
  const open = box(conversation);
  if (open?.value.trim() !== words) return;
  open.value = "";
  open.dispatchEvent(new Event("input", { bubbles: true }));
}
