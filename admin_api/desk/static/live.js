// "Something changed", from the server: several at once are told once, and never more often than GATHER_MS;
// and which customers are writing, told as it comes.
import { keepForms } from "./kept.js";

const GATHER_MS = 250;
const WAITS_GROW_MS = 30_000; // the waits in the lists are written by the server, so they are fetched again

export function followChanges(tell, tellTyping) {
  let due;
  const soon = () => { due ??= setTimeout(() => { due = undefined; tell(); }, GATHER_MS); };
  let source;
  const open = () => {
    source = new EventSource("/desk/live");
    source.addEventListener("changed", soon);
    if (tellTyping) source.addEventListener("typing", (event) => tellTyping(JSON.parse(event.data)));
    source.addEventListener("out", () => { keepForms(); location.reload(); });
    // The browser reconnects by itself unless the server refused; then look again later.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
  };
  open();
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  setInterval(() => { if (!document.hidden) tell(); }, WAITS_GROW_MS);
}
