// Suggested replies: one click puts their words, and an article's files, into the box; new words of the customer ask for others.
import { offerFiles } from "./attaching.js";
import { bring, choose } from "./blanks.js";
import { ask } from "./canned.js";

const $ = (selector) => document.querySelector(selector);

export function offerSuggestions() {
  let asked = "";
  document.addEventListener("click", (event) => {
    const { words, missing, blanks, files } = event.target.closest(".suggestion")?.dataset ?? {};
    const box = $("#words");
    if (!words || !box) return;
    bring(box.form.dataset.conversation, JSON.parse(blanks));
    const before = box.value.trimEnd();
    box.value = before ? `${before}\n${words}` : words;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    const brought = JSON.parse(files);
    if (brought.length) offerFiles(box.form.dataset.conversation, brought);
    const names = JSON.parse(missing);
    if (names.length) ask(box, names);
    else choose(box.form);
  });
  document.addEventListener("htmx:after:swap", () => {
    const thread = $("#thread");
    const now = thread ? `${thread.dataset.conversation}:${thread.dataset.last}` : "";
    const isNew = now !== asked && asked.split(":")[0] === now.split(":")[0];
    asked = now;
    if (isNew && $("#suggestions")) htmx.trigger("#suggestions", "desk:look");
  });
}
