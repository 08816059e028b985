// "X is replying": told while something is written to the customer, and looked for while somebody else writes.
const AGAIN_MS = 5000;
const LOOK_MS = 4000;
let told = { conversation: "", at: 0 };
let looking;

function tell(conversation, typing) {
  fetch(`/conversations/${conversation}/typing`, { method: "POST", body: new URLSearchParams({ typing }) }).catch(() => {});
}

function stop() {
  if (told.conversation) tell(told.conversation, "no");
  told = { conversation: "", at: 0 };
}

export function shareTyping() {
  document.addEventListener("input", (event) => {
    if (event.target.id !== "words") return;
    const { conversation } = event.target.form.dataset;
    if (!event.target.value.trim()) { stop(); return; }
    if (told.conversation === conversation && Date.now() - told.at < AGAIN_MS) return;
    if (told.conversation !== conversation) stop();
    told = { conversation, at: Date.now() };
    tell(conversation, "yes");
  });
  document.addEventListener("focusout", (event) => { if (event.target.id === "words") stop(); });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.sourceElement?.id === "composer") told = { conversation: "", at: 0 };
  });
  const look = () => {
    clearTimeout(looking);
    if (document.querySelector("#thread .typing")) looking = setTimeout(() => htmx.trigger(document.body, "desk:changed"), LOOK_MS);
  };
  document.addEventListener("htmx:after:swap", look);
  look();
}
