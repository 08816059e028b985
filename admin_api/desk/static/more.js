// "Show more": the keyboard goes on at the first that is newly shown, and who hears the page is told how many came.
const ASKED = "frontdesk-asked-more"; // a list whose rest is a page of its own
const $ = (selector) => document.querySelector(selector);
const waiting = () => [...document.querySelectorAll("#lists .queue .line")];

function goOn(fresh) {
  if (!fresh.length) return;
  const [first] = fresh;
  const place = first.matches("a, button") ? first : first.querySelector("a, button, input:not([type=hidden])") ?? first;
  if (place === first && !first.matches("a, button")) first.tabIndex = -1;
  place.focus();
  const told = $("#told");
  told.textContent = told.dataset.more.replace("{n}", fresh.length);
}

export function goOnAfterMore() {
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.closest?.("#more-waiting")) ctx.shownBefore = new Set(waiting().map((line) => line.id));
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { shownBefore } = event.detail.ctx;
    if (shownBefore) goOn(waiting().filter((line) => !shownBefore.has(line.id)));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".more a")) sessionStorage.setItem(ASKED, "yes");
  });
  if (!sessionStorage.getItem(ASKED)) return;
  sessionStorage.removeItem(ASKED);
  goOn([...document.querySelectorAll("#main tbody tr, #main .rows > li")]);
}
