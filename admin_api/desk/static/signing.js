import { dropOld } from "./kept.js";

// The address printed at start ends in #CODE: what follows # is never sent to a server, so no log can hold it.
function takeCode() {
  const code = decodeURIComponent(location.hash.slice(1)).trim();
  if (!/^[A-Za-z0-9-]{8,64}$/.test(code)) return false;
  history.replaceState(null, "", location.pathname + location.search);
  const field = document.getElementById("code");
  field.value = code;
  field.form.querySelector("button").classList.add("primary");
  field.form.querySelector("button").focus();
  return true;
}
if (!takeCode()) document.querySelector("#by-password input:not([type=hidden])").focus();
// Pasted into a tab that shows this page already, only the fragment changes and nothing is loaded anew.
window.addEventListener("hashchange", takeCode);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `frontdesk_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
dropOld(); // this page may stand open for days
