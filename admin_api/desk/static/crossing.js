// An answer may come when another conversation is open by then. It is dropped: a late thread would stand above the
// box of the other customer, who would get what is written for this one. What replaces the whole desk may come.
// A request that waited for the one before it leaves late as well, so its address tells which conversation it is of.
const open = () => document.querySelector("#desk")?.dataset.open;

const since = () => document.querySelector("#thread")?.dataset.since;
const shown = () => document.querySelector("#lists")?.dataset.shown;

function isOfAnother(action) {
  const named = /\/conversations\/(\d+)\/|[?&]open=(\d+)/.exec(action);
  return named !== null && (named[1] ?? named[2]) !== open();
}

export const isLate = (ctx) =>
  (ctx.openThen !== undefined && ctx.openThen !== open()) || isOfAnother(String(ctx.request?.action ?? ""));

export function dropLateAnswers() {
  document.addEventListener("htmx:config:request", (event) => {
    if (shown()) event.detail.ctx.request.headers["Frontdesk-Queue"] = shown(); // as much of the queue as before
  });
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    ctx.openThen = open();
    if (ctx.sourceElement?.id === "thread") ctx.sinceThen = since();
    if (ctx.sourceElement?.id === "lists") ctx.shownThen = shown();
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const target = typeof ctx.target === "string" ? document.querySelector(ctx.target) : ctx.target;
    // A refresh from before the reader asked for earlier messages, or more of the queue, would take these away again.
    if (ctx.sinceThen !== undefined && ctx.sinceThen !== since()) event.preventDefault();
    if (ctx.shownThen !== undefined && ctx.shownThen !== shown()) event.preventDefault();
    if (isLate(ctx) && target?.id !== "desk") event.preventDefault();
  });
}
