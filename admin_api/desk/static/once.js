// A double click, or an impatient one, is one wish: what a form asks for is asked once while it is under way, and not
// again right after it. The box has its own way (sending.js), so have forms with files (attaching.js), and the presence
// switch may go back and forth.
const RIGHT_AFTER_MS = 1000; // from the click: a double click's second comes within half of it
const DONE_WITHIN_MS = 10_000; // should nothing tell of its end, it may be asked again after that
const OWN_WAY = new Set(["composer", "presence"]);

const heldUntil = new Map(); // what was asked -> when it may be asked again (ms)
const asking = new WeakMap(); // form -> what it asks for now, and since when

const wishOf = (form, submitter) => {
  const told = [...new FormData(form, submitter)].map(([name, value]) => `${name}=${value.name ?? value}`);
  return [submitter?.getAttribute("formaction") ?? form.action, ...told].join("\n");
};

export function askOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || OWN_WAY.has(form.id) || form.querySelector("[type=file]")) return;
    const now = Date.now();
    for (const [wish, until] of heldUntil) if (until <= now) heldUntil.delete(wish);
    const wish = wishOf(form, event.submitter);
    if (heldUntil.has(wish)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    asking.set(form, { wish, since: now });
    heldUntil.set(wish, now + DONE_WITHIN_MS);
  }, true);
  document.addEventListener("htmx:finally:request", (event) => {
    const asked = asking.get(event.detail.ctx.sourceElement);
    if (asked) heldUntil.set(asked.wish, asked.since + RIGHT_AFTER_MS);
  });
  window.addEventListener("pageshow", () => heldUntil.clear());
}
