// One key each for what agents do all day; none of them while something is being typed.
const $ = (selector) => document.querySelector(selector);
const isTyping = (target) => target.matches?.("input, textarea, select, [contenteditable]");

function move(step) {
  const lines = [...document.querySelectorAll("#lists .line")];
  if (!lines.length) return;
  const at = lines.indexOf(document.activeElement);
  const current = at >= 0 ? at : lines.findIndex((line) => line.hasAttribute("aria-current"));
  lines[Math.min(Math.max(current + step, 0), lines.length - 1)].focus();
}

function write(kind) {
  const form = $("#composer");
  if (!form || !form.checkVisibility()) return;
  form.elements.kind.value = kind;
  form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements.text.focus();
}

// What a key opens is gone on with by the keyboard.
function press(button) {
  button.click();
  const menu = document.getElementById(button.getAttribute("popovertarget"));
  menu?.querySelector("select, input:not([type=hidden]), textarea, button")?.focus();
}

const DOES = {
  j: () => move(1),
  k: () => move(-1),
  r: () => write("reply"),
  m: () => write("note"),
  "?": () => $("#shortcuts")?.togglePopover(),
};

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button && event.repeat) return; // a key that is held is one wish, though the answer drew the button anew
    const does = DOES[event.key] ?? (button && (() => press(button)));
    if (!does) return;
    event.preventDefault();
    does();
  });
}
