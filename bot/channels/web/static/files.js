// Files to send: chosen, pasted or dropped, shown above the text until they go; and files to fetch.

const SESSION = "X-Frontdesk-Session";
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const MEGABYTE = 1024 * 1024;
const MOST_AT_ONCE = 10;

export const isImage = (type) => IMAGES.has(type);

export function sizeText(bytes, language) {
  const [value, unit] = bytes < MEGABYTE ? [Math.max(1, bytes / 1024), "kilobyte"] : [bytes / MEGABYTE, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

export class RefusedFile extends Error {
  constructor(status) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}

// The file's key, which goes into what is said; raises RefusedFile, or TypeError when the line is broken.
export async function upload(file, token) {
  const headers = { [SESSION]: token ?? "", "X-File-Name": encodeURIComponent(file.name) };
  const answer = await fetch("/upload", { method: "POST", headers, body: file });
  if (!answer.ok) throw new RefusedFile(answer.status);
  return (await answer.json()).file;
}

// The file's bytes as a URL of this page's own; its type is what the server found it to be.
export async function fetched(key, token) {
  const answer = await fetch(`/files/${key}`, { headers: { [SESSION]: token ?? "" } });
  if (!answer.ok) throw new RefusedFile(answer.status);
  return URL.createObjectURL(await answer.blob());
}

export class Tray {
  constructor({ texts, limit, onChange, onRefused }) {
    this.texts = texts;
    this.limit = limit;
    this.onChange = onChange;
    this.onRefused = onRefused;
    this.row = document.getElementById("tray");
    this.input = document.getElementById("file");
    this.files = [];
    document.getElementById("attach").addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      this.input.value = ""; // the same file may be chosen again
    });
    addEventListener("paste", (event) => this.takeFrom(event, event.clipboardData));
    this.listenForDrops();
  }

  listenForDrops() {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (event, isOver) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      document.body.classList.toggle("dropping", isOver);
    };
    addEventListener("dragover", (event) => mark(event, true));
    addEventListener("dragleave", (event) => event.relatedTarget === null && mark(event, false));
    addEventListener("drop", (event) => {
      mark(event, false);
      this.takeFrom(event, event.dataTransfer);
    });
  }

  takeFrom(event, data) {
    if (!data?.files.length) return;
    event.preventDefault();
    this.add(data.files);
  }

  add(files) {
    for (const file of files) {
      if (file.size > this.limit) {
        const limit = Math.round(this.limit / MEGABYTE);
        this.onRefused(this.texts.too_large.replace("{name}", () => file.name).replace("{limit}", limit));
      } else if (file.size === 0) {
        this.onRefused(this.texts.upload_empty.replace("{name}", () => file.name));
      } else if (this.files.length < MOST_AT_ONCE) {
        this.files.push(file);
      }
    }
    this.draw();
  }

  // All files, in the order they came; the tray is empty after.
  take() {
    const files = this.files;
    this.files = [];
    this.draw();
    return files;
  }

  draw() {
    this.row.hidden = this.files.length === 0;
    this.row.replaceChildren(...this.files.map((file) => this.chip(file)));
    this.onChange();
  }

  chip(file) {
    const chip = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", this.texts.remove.replace("{name}", file.name));
    remove.addEventListener("click", () => {
      this.files = this.files.filter((other) => other !== file);
      this.draw();
    });
    chip.append(name, remove);
    return chip;
  }
}
