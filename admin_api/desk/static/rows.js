// Lists of fields that grow and shrink: the last row is there to be filled in, and without a script is all there is.
const empty = (row) => row.querySelectorAll("input").forEach((field) => { field.value = ""; });

// A day without any span says that it is closed.
function tellNone(list) {
  const none = list?.parentElement.querySelector(".none");
  if (none) none.hidden = [...list.querySelectorAll("input")].some((field) => field.value);
}

function add(button) {
  const list = button.parentElement.querySelector("ul");
  const row = list.lastElementChild.cloneNode(true);
  empty(row);
  list.append(row);
  row.querySelector("input").focus();
}

// As many rows as it takes for so many fields of this name.
export function growTo(list, name, count) {
  if (!list?.parentElement.querySelector(".add-row")) return;
  const fields = () => list.querySelectorAll(`[name="${CSS.escape(name)}"]`).length;
  while (fields() && fields() < count) {
    const row = list.lastElementChild.cloneNode(true);
    empty(row);
    list.append(row);
  }
}

function drop(button) {
  const row = button.closest("li");
  const list = row.parentElement;
  if (list.childElementCount > 1) row.remove();
  else empty(row);
  tellNone(list);
  (list.querySelector("input") ?? list).focus();
}

export function growRows() {
  document.documentElement.classList.add("scripted");
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".add-row, .drop-row");
    if (button) (button.matches(".add-row") ? add : drop)(button);
  });
  document.addEventListener("input", (event) => tellNone(event.target.closest(".weekday ul")));
}
