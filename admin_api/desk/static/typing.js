// "X is replying": told while something is written, and looked for while somebody else writes. A customer who writes is
// told of by the server as it happens; it ends by itself.
const AGAIN_MS = 5000;
const LOOK_MS = 4000;
let told = { conversation: "", at: 0 };
let looking;
const LASTS_MS = 8000;
const writing = new Map(); // a customer's lane -> when it is over

function tell(conversation, typing) {
  fetch(`/conversations/${conversation}/typing`, { method: "POST", body: new URLSearchParams({ typing }) }).catch(() => {});
}

function stop() {
  if (told.conversation) tell(told.conversation, "no");
  told = { conversation: "", at: 0 };
}

export function showTyping(lanes) {
  for (const [lane, isTyping] of Object.entries(lanes)) {
    if (isTyping) writing.set(lane, Date.now() + LASTS_MS);
    else writing.delete(lane);
  }
  setTimeout(dress, LASTS_MS + 50);
  dress();
}

function dress() {
  for (const [lane, until] of writing) if (until <= Date.now()) writing.delete(lane);
  const thread = document.getElementById("thread");
  const line = thread?.querySelector(".customer-typing");
  const words = writing.has(thread?.dataset.lane) ? line?.dataset.words : "";
  if (line && line.textContent !== words) line.textContent = words;
}

export function shareTyping() {
  document.addEventListener("input", (event) => {
    if (event.target.id !== "words") return;
    const { conversation } = event.target.form.dataset;
    if (!event.target.value.trim()) { stop(); return; }
    if (told.conversation === conversation && Date.now() - told.at < AGAIN_MS) return;
    if (told.conversation !== conversation) stop();
    told = { conversation, at: Date.now() };
    tell(conversation, event.target.form.classList.contains("is-note") ? "note" : "yes");
  });
  document.addEventListener("focusout", (event) => { if (event.target.id === "words") stop(); });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.sourceElement?.id === "composer") told = { conversation: "", at: 0 };
  });
  const look = () => {
    clearTimeout(looking);
    if (!document.querySelector("#thread .typing")) return;
    // Again and again: an answer that is lost brings nothing to draw, and the sign would stand on.
    looking = setTimeout(() => { htmx.trigger(document.body, "desk:changed"); look(); }, LOOK_MS);
  };
  document.addEventListener("htmx:after:swap", () => { look(); dress(); });
  look();
}
