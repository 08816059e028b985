// An answer may come when another conversation is open by then. It is dropped: a late thread would stand above the
// box of the other customer, who would get what is written for this one. What replaces the whole desk may come.
// A request that waited for the one before it leaves late as well, so its address tells which conversation it is of.
const open = () => document.querySelector("#desk")?.dataset.open;

const since = () => document.querySelector("#thread")?.dataset.since;

function isOfAnother(action) {
  const named = /\/conversations\/(\d+)\/|[?&]open=(\d+)/.exec(action);
  return named !== null && (named[1] ?? named[2]) !== open();
}

export const isLate = (ctx) =>
  (ctx.openThen !== undefined && ctx.openThen !== open()) || isOfAnother(String(ctx.request?.action ?? ""));

export function dropLateAnswers() {
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    ctx.openThen = open();
    if (ctx.sourceElement?.id === "thread") ctx.sinceThen = since();
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const target = typeof ctx.target === "string" ? document.querySelector(ctx.target) : ctx.target;
    // A refresh from before the reader asked for earlier messages would take these away again.
    if (ctx.sinceThen !== undefined && ctx.sinceThen !== since()) event.preventDefault();
    if (isLate(ctx) && target?.id !== "desk") event.preventDefault();
  });
}
