// The search page: which conversations are ticked goes along with the form of what is to be done to them.
export function followTicks() {
  const show = () => {
    const form = document.getElementById("bulk");
    if (!form) return;
    const ticked = [...document.querySelectorAll(".choose:checked")].map((box) => box.value);
    for (const label of form.querySelectorAll("[data-for]")) {
      label.hidden = !label.dataset.for.split(" ").includes(form.elements.action.value);
    }
    form.elements.ids.value = ticked.join(",");
    form.querySelector("button").disabled = ticked.length === 0;
    form.querySelector(".chosen").textContent = ticked.length || "";
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("#bulk .all")) {
      for (const box of document.querySelectorAll(".choose")) box.checked = event.target.checked;
    }
    show();
  });
  document.addEventListener("htmx:after:swap", show);
  show();
}
