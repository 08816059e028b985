// What prepared words left open, {parcel} or […]: it is shown as long as it stands in the box, and no reply goes with it.
// Braces of the agent's own are their words: only what was put in counts. Kept per conversation until the box is empty.
const key = (conversation) => `frontdesk-blanks-${conversation}`;

export const broughtTo = (conversation) => JSON.parse(sessionStorage.getItem(key(conversation)) ?? "[]");

export function bring(conversation, signs) {
  const all = [...new Set([...broughtTo(conversation), ...signs])].slice(-20);
  if (all.length) sessionStorage.setItem(key(conversation), JSON.stringify(all));
}

function leftIn({ dataset, elements }) {
  const words = elements.text.value;
  const isNote = elements.kind.value === "note" || words.trimStart().startsWith("//");
  return isNote ? [] : broughtTo(dataset.conversation).filter((sign) => words.includes(sign));
}

export function showUnfilled(form) {
  if (!form.elements.text.value) sessionStorage.removeItem(key(form.dataset.conversation));
  const line = form.querySelector(".unfilled");
  const left = leftIn(form);
  const told = left.length ? line.dataset.told.replace("{blanks}", () => left.join(", ")) : "";
  line.hidden = !told;
  if (line.textContent !== told) line.textContent = told; // said once to who hears the page read out
}

// What is typed next stands in its place.
export function choose(form) {
  const box = form.elements.text;
  const [first] = leftIn(form).sort((one, other) => box.value.indexOf(one) - box.value.indexOf(other));
  if (!first) return;
  const from = box.value.indexOf(first);
  box.focus();
  box.setSelectionRange(from, from + first.length);
}

export function heedBlanks() {
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "composer") return;
    event.target.elements.blanks.value = broughtTo(event.target.dataset.conversation).join("\n");
    if (!leftIn(event.target).length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    choose(event.target);
  }, true);
}
