// How long what is in the box is: told from near the most that one message holds; nothing is ever cut off.
const NEAR = 0.9;

export function showLength(form) {
  const line = form.querySelector(".length");
  const most = Number(line.dataset.most);
  const length = [...form.elements.text.value.trim()].length; // as the server counts: a sign outside the BMP is one
  const told = length > most ? line.dataset.over : "";
  line.hidden = length < most * NEAR;
  line.querySelector(".counted").textContent = line.dataset.count.replace("{n}", length);
  const over = line.querySelector(".over");
  if (over.textContent !== told) over.textContent = told; // said once to who hears the page read out
}
