// The message that the next reply answers: shown above the box, kept per conversation until it is sent or taken away.
const $ = (selector) => document.querySelector(selector);
const key = (conversation) => `frontdesk-quote-${conversation}`;

export const quoteOf = (conversation) => JSON.parse(sessionStorage.getItem(key(conversation)) ?? "null");

function keep(conversation, quote) {
  if (quote) sessionStorage.setItem(key(conversation), JSON.stringify(quote));
  else sessionStorage.removeItem(key(conversation));
  show();
}

// What returns with a reply that was taken back; another one chosen meanwhile stays.
export function putQuote(conversation, quote) {
  if (!quoteOf(conversation)) keep(conversation, quote);
}

// What was chosen since the sending is for the next reply.
export function quoteSent(conversation, id) {
  if (quoteOf(conversation)?.id === id) keep(conversation, null);
}

function show() {
  const form = $("#composer");
  if (!form) return;
  const quote = quoteOf(form.dataset.conversation);
  const line = form.querySelector(".answering");
  form.elements.reply_to.value = quote?.id ?? "";
  line.hidden = !quote;
  line.querySelector("b").textContent = quote?.who ?? "";
  line.querySelector("bdi").textContent = quote?.words ?? "";
}

export function offerQuotes() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".answer, .leave-quote");
    const form = $("#composer");
    if (!button || !form) return;
    const { message: id, who, words } = button.dataset;
    keep(form.dataset.conversation, id ? { id, who, words } : null);
    if (id) form.elements.kind.value = "reply"; // a note answers nobody
    form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
    form.elements.text.focus();
  });
  document.addEventListener("htmx:after:swap", show);
  show();
}
