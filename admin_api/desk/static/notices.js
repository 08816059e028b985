// What went wrong, said on the page. A refusal of the desk's own comes as a notice and fades. A request that got no
// answer at all, or a proxy's error page, changes nothing: a notice tells it to who asked, and what the page asks for by
// itself is told in a bar that stands until something gets through.
// A form that leads to another page (data-onwards) leaves this one only when it was not refused.
const LASTS_MS = 7000;
const $ = (selector) => document.querySelector(selector);
let fading;

function fade() {
  clearTimeout(fading);
  fading = setTimeout(() => $("#notices").replaceChildren(), LASTS_MS);
}

export function tell(words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice", textContent: words });
  notice.setAttribute("role", "alert");
  $("#notices").replaceChildren(notice);
  fade();
}

export const clearNotices = () => $("#notices").replaceChildren();

const isWanted = ({ sourceEvent }) => ["click", "submit"].includes(sourceEvent?.type);

function tellNoAnswer(isOfSomebody) {
  if (isOfSomebody) tell($("#notices").dataset.noAnswer);
  else $("#cut-off").hidden = false;
}

// The answer to a request of a script's; where it was refused or did not arrive, null, and the page says so.
export async function asked(address, options) {
  const answer = await fetch(address, options).catch(() => null);
  if (answer?.ok) return answer;
  const refusal = (await answer?.json().catch(() => null))?.detail;
  if (refusal) tell(refusal);
  else tellNoAnswer(true);
  return null;
}

const isRefused = (ctx) => ctx.response.status >= 400;
const isForeign = (ctx) => isRefused(ctx) && !ctx.hx.retarget; // the desk's own refusals say where they are shown

// Whether what was asked for by htmx is done: neither refused nor unanswered, nor turned away to sign in.
export const isDone = (ctx) => Boolean(ctx.response) && !isRefused(ctx) && !ctx.hx?.redirect;

export function followFailures() {
  document.addEventListener("htmx:before:request", (event) => {
    if (isWanted(event.detail.ctx)) clearNotices(); // what is tried anew is no longer refused
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (!isForeign(ctx)) {
      $("#cut-off").hidden = true;
      return;
    }
    tellNoAnswer(isWanted(ctx));
    event.preventDefault();
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.hasAttribute?.("data-onwards") && isDone(ctx)) location.assign(ctx.response.raw.url);
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (ctx && ctx.text === undefined) tellNoAnswer(isWanted(ctx)); // else what failed is drawing it
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.hx?.retarget === "#notices") fade();
  });
}
