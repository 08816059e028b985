// Menus close once what they asked for is done; a reply taken back returns into the box it came from, with its files and its quote.
import { putFiles } from "./attaching.js";
import { putWords } from "./drafts.js";
import { isDone } from "./notices.js";
import { putQuote } from "./quoting.js";

// Read from the answer itself: the thread it draws is dropped where another conversation is open by then.
function returnReply({ request, text }) {
  const conversation = /\d+/.exec(request.action)[0];
  const taken = new DOMParser().parseFromString(text, "text/html").getElementById("taken-back")?.dataset;
  if (!taken) return;
  if (taken.words) putWords(conversation, taken.words)?.dispatchEvent(new Event("input", { bubbles: true }));
  putFiles(conversation, JSON.parse(taken.files));
  if (taken.quote) putQuote(conversation, { id: taken.quote, who: taken.who, words: taken.quoted });
}

const going = new Set(); // ids of replies: a second click on the same Undo asks for nothing

export function followCasework() {
  document.addEventListener("change", (event) => { // an amount is in the currency of its order
    const { currency } = event.target.selectedOptions?.[0]?.dataset ?? {};
    const field = event.target.form?.elements.currency;
    if (currency && field && !event.target.form.elements.amount.value) field.value = currency;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".take-back");
    if (button && going.has(button.value)) event.preventDefault();
    else if (button) going.add(button.value);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.request.method === "GET" || !isDone(ctx)) return;
    ctx.sourceElement?.closest?.(".menu:popover-open")?.hidePopover();
    if (ctx.sourceElement?.id === "take-back") returnReply(ctx);
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id === "take-back") going.delete(ctx.request.body.get("message_id"));
  });
}
