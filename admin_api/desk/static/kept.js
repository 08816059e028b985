// A half-filled form whose page is left for the sign-in, as its session has ended: kept in this tab, and put back on the
// same page for the same person, once. For an hour: later it would cover what is newer, and the words are customers'.
// Never passwords, codes or files.
import { growTo } from "./rows.js";

const KEPT = "frontdesk-forms";
const LASTS_MS = 3_600_000;
const SECRET = "input[type=password], input[autocomplete=one-time-code]";
const NEVER = ["hidden", "file", "password", "submit", "button", "reset", "image", "fieldset"];
const $ = (selector) => document.querySelector(selector);
const me = () => $("#main")?.dataset.me;
const here = () => location.pathname + location.search;

// The box of a conversation keeps its words by itself (drafts.js).
function forms() {
  const posted = [...document.querySelectorAll("#main form[method=post]:not(#composer)")];
  const seen = {};
  return posted.filter((form) => !form.querySelector(SECRET)).map((form) => {
    const [address] = form.getAttribute("action").split("?");
    seen[address] = (seen[address] ?? -1) + 1;
    return { form, name: `${address} ${seen[address]}` };
  });
}

// With the version that was read goes what somebody else has changed since: saving tells of it as ever.
const isKept = (field) => field.name && !field.readOnly && (field.name === "version" || !NEVER.includes(field.type));
const fieldsOf = (form) => [...form.elements].filter(isKept);
const isTicked = (field) => field.type === "checkbox" || field.type === "radio";

function isChanged(field) {
  if (isTicked(field)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const options = [...field.options];
  if (!options.some((one) => one.defaultSelected)) return !field.multiple && field.selectedIndex > 0;
  return options.some((one) => one.selected !== one.defaultSelected);
}

function valueOf(field) {
  if (isTicked(field)) return field.checked;
  return field.multiple && field.options ? [...field.selectedOptions].map((one) => one.value) : field.value;
}

function give(field, value) {
  if (isTicked(field)) field.checked = value;
  else if (Array.isArray(value)) for (const one of field.options) one.selected = value.includes(one.value);
  else field.value = value;
}

function byName(fields) {
  const named = {};
  for (const field of fields) (named[field.name] ??= []).push(field);
  return named;
}

let isSignedOut = false;

export function keepForms() {
  const changed = forms().filter(({ form }) => fieldsOf(form).some(isChanged));
  if (!changed.length || !me() || isSignedOut) return;
  const kept = Object.fromEntries(changed.map(({ form, name }) => {
    const fields = Object.entries(byName(fieldsOf(form)));
    return [name, Object.fromEntries(fields.map(([field, some]) => [field, some.map(valueOf)]))];
  }));
  sessionStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), me: me(), here: here(), forms: kept }));
}

const found = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "null");

// What is too old goes: now, or while this page stands open.
export function dropOld() {
  const kept = found();
  if (!kept) return;
  const left = kept.at + LASTS_MS - Date.now();
  if (left > 0 && left <= LASTS_MS) setTimeout(dropOld, left);
  else sessionStorage.removeItem(KEPT);
}

// Who signs out themselves leaves nothing in this tab: neither forms nor drafts. Of a page that is being left nothing is
// kept anew.
function dropAll(event) {
  if (event.target.getAttribute?.("action") !== "/sign-out") return;
  isSignedOut = true;
  sessionStorage.clear();
}

function fill(form, values) {
  for (const [name, some] of Object.entries(values)) {
    growTo(form.querySelector(`ul [name="${CSS.escape(name)}"]`)?.closest("ul"), name, some.length);
    const fields = byName(fieldsOf(form))[name] ?? [];
    fields.forEach((field, n) => { if (n < some.length) give(field, some[n]); else if (field.closest("ul")) field.value = ""; });
  }
  for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  for (const field of fieldsOf(form)) field.dispatchEvent(new Event("input", { bubbles: true }));
}

function tellOf(form) {
  const words = $("#notices").dataset.kept;
  const notice = Object.assign(document.createElement("p"), { className: "notice", textContent: words });
  form.before(notice);
  $("#told").textContent = words;
}

function putBack() {
  const kept = found();
  if (!kept || !me() || (kept.me === me() && kept.here !== here())) return;
  sessionStorage.removeItem(KEPT);
  if (kept.me !== me()) return; // somebody else's, who had this tab before
  for (const { form, name } of forms()) {
    if (!kept.forms[name]) continue;
    fill(form, kept.forms[name]);
    tellOf(form);
  }
}

export function followForms() {
  document.addEventListener("htmx:before:response", ({ detail: { ctx } }) => {
    if (ctx.response.headers.get("HX-Redirect")?.startsWith("/sign-in")) keepForms();
  });
  document.addEventListener("submit", dropAll);
  dropOld();
  putBack();
}
