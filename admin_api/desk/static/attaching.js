// Files: chosen, dropped or pasted into the box, sent through the API; and the forms that give something a file.
const $ = (selector) => document.querySelector(selector);
let chosen = [];

export function tell(words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice", textContent: words });
  notice.setAttribute("role", "alert");
  $("#notices").replaceChildren(notice);
}

async function upload(address, method, file, text, failed) {
  const body = new FormData();
  if (text) body.append("text", text);
  body.append("file", file, file.name);
  try {
    const answer = await fetch(address, { method, body });
    if (answer.ok) return true;
    tell((await answer.json()).detail ?? failed);
  } catch {
    tell(failed);
  }
  return false;
}

function show() {
  const list = $(".chosen-files");
  list.hidden = chosen.length === 0;
  $("#words").required = chosen.length === 0;
  list.replaceChildren(...chosen.map((file) => {
    const row = document.createElement("li");
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", list.dataset.remove.replace("{name}", file.name));
    remove.addEventListener("click", () => { chosen = chosen.filter((one) => one !== file); show(); });
    row.append(file.name, remove);
    return row;
  }));
}

function add(files) {
  if (!$("#composer") || !files.length) return;
  chosen = [...chosen, ...files].slice(0, 10);
  show();
}

async function send(form) {
  const failed = $(".chosen-files").dataset.failed;
  const address = `/api/v1/conversations/${form.dataset.conversation}/attachments`;
  const box = form.elements.text;
  const isCaption = !form.elements.canned.value; // canned replies may bring files, so their words go by themselves
  const button = form.querySelector(".send");
  button.disabled = true;
  while (chosen.length) {
    const text = isCaption ? box.value.trim() : "";
    if (!(await upload(address, "POST", chosen[0], text, failed))) break;
    chosen = chosen.slice(1);
    if (text) { box.value = ""; box.dispatchEvent(new Event("input", { bubbles: true })); }
    show();
  }
  button.disabled = false;
  if (!chosen.length && box.value.trim()) form.requestSubmit();
  else htmx.trigger(document.body, "desk:changed");
}

export function takeFiles() {
  document.addEventListener("click", (event) => { if (event.target.closest(".attach")) $("#files").click(); });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "files") return;
    add([...event.target.files]);
    event.target.value = "";
    $("#words").focus();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id === "words") add([...event.clipboardData.files]);
  });
  document.addEventListener("dragover", (event) => { if ($("#composer")) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!$("#composer")) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (chosen.length && $(".chosen-files")) show();
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.upload) {
      event.preventDefault();
      if (await upload(form.dataset.upload, "PUT", form.elements.file.files[0], "", form.dataset.failed)) location.reload();
    } else if (form.id === "composer" && chosen.length && form.elements.kind.value === "reply") {
      event.preventDefault();
      event.stopPropagation(); // before htmx sends the words alone
      send(form);
    }
  }, true);
}
