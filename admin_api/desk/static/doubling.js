// A form's answer draws it anew, as another wish: the second click of a double click, which may come after that, is
// none. A key's click is no second one, its detail is 0.
const wishes = (button) => (button.getAttribute("formaction") ?? button.form?.getAttribute("action"))?.includes("?once=");

export function heedFirstClick() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (event.detail < 2 || button?.type !== "submit" || !wishes(button)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx asks for some buttons by itself
  }, true);
}
