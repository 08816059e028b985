// The words in the box on their way: they go once, leave the box when they are there, and stay in it when they are not.
import { forgetName, nameOf, takeSent } from "./drafts.js";
import { isDone } from "./notices.js";
import { quoteSent } from "./quoting.js";
import { noteSent, noteUnsent } from "./unsent.js";

const underWay = new Set(); // conversations

// Null for any other request: the address tells it, as another conversation may be open by now.
function sendingOf({ request }) {
  const found = /^\/conversations\/(\d+)\/words$/.exec(request.action);
  if (!found) return null;
  const words = request.body.get("text");
  const isNote = request.body.get("kind") === "note" || words.trimStart().startsWith("//");
  const canned = request.body.get("canned").split(",");
  const quote = request.body.get("reply_to");
  return { conversation: found[1], words, canned, quote, kind: isNote ? "note" : "reply" };
}

// What was written since the sending stays in the box, and so do the canned replies called since.
function emptyBox({ conversation, words, canned }) {
  const form = takeSent(conversation, words)?.form;
  if (!form) return false;
  const used = form.elements.canned;
  used.value = used.value.split(",").filter((id) => !canned.includes(id)).join(",");
  return true;
}

export function followSending(dress) {
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "composer") return;
    const { conversation } = event.target.dataset;
    event.target.elements.request.value = nameOf(conversation); // the same as of a try whose answer was lost
    if (!underWay.has(conversation)) return;
    event.preventDefault(); // Enter once more is no second reply
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("htmx:config:request", (event) => {
    const sending = sendingOf(event.detail.ctx);
    if (sending) underWay.add(sending.conversation);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const sending = sendingOf(ctx);
    if (!sending || !isDone(ctx)) return;
    forgetName(sending.conversation);
    if (sending.kind === "reply") quoteSent(sending.conversation, sending.quote);
    if (emptyBox(sending)) dress();
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    const sending = sendingOf(ctx);
    if (!sending) return;
    underWay.delete(sending.conversation);
    if (isDone(ctx)) noteSent(sending.conversation);
    else noteUnsent(sending.conversation, sending.kind);
  });
}
