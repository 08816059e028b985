// Menus close once what they asked for is done; a reply taken back returns into the box.
let taken = "";

function returnWords() {
  const box = document.getElementById("words");
  if (!box || box.value) return;
  box.value = taken;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

export function followCasework() {
  document.addEventListener("click", (event) => { taken = event.target.closest(".take-back")?.dataset.words ?? taken; });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.request.method === "GET" || !ctx.response || ctx.response.status >= 400) return;
    ctx.sourceElement?.closest?.(".menu:popover-open")?.hidePopover();
    if (ctx.sourceElement?.id === "take-back") returnWords();
  });
}
