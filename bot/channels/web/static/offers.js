// A message's only button, such as "Stop waiting": of the same one in several messages only the newest is offered, and
// none once a person has answered, or a message that had it says something else.

export function noteOffer(line, choices) {
  line.dataset.choices = JSON.stringify(choices);
  if (choices.length === 1) line.dataset.offer = choices[0];
  else delete line.dataset.offer;
}

export const isOffering = (line, choices) => (line.dataset.choices ?? "[]") === JSON.stringify(choices);

const withdraw = (line) => line.querySelector(".choices:not(.used)")?.remove();

// It is over wherever else it stands.
export function endOffer(lines, offer) {
  for (const line of lines.children) if (line.dataset.offer === offer) withdraw(line);
}

export function keepNewest(lines) {
  const newer = new Set();
  let isAnswered = false;
  for (const line of Array.from(lines.children).reverse()) {
    const { offer, author } = line.dataset;
    isAnswered ||= author === "agent";
    if (!offer) continue;
    if (isAnswered || newer.has(offer)) withdraw(line);
    newer.add(offer);
  }
}
