// A case whose deadline has passed is told once in each browser of whoever is to see to it; a later deadline is told anew.
import { tell } from "./notices.js";
import { notify } from "./unread.js";

const TOLD = "frontdesk-overdue";
const MOST = 500;

function told() {
  try { return JSON.parse(localStorage.getItem(TOLD)) ?? []; } catch { return []; }
}

export function tellOverdue() {
  const before = told();
  const news = [...document.querySelectorAll("#lists [data-overdue]")].filter((line) => !before.includes(line.dataset.overdue));
  if (news.length === 0) return;
  localStorage.setItem(TOLD, JSON.stringify([...before, ...news.map((line) => line.dataset.overdue)].slice(-MOST)));
  const words = news.map((line) => line.dataset.told).join(" ");
  tell(words);
  if (document.hidden) notify(words, () => {});
}
