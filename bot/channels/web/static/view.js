import { isImage, sizeText } from "/files.js";
import { endOffer, isOffering, keepNewest, noteOffer } from "/offers.js";

// The transcript on the screen. Whatever was said is put in as text nodes, never as markup.

const AUTHORS = new Set(["customer", "bot", "agent", "system"]);
const NEAR_END_PX = 120;
const STARS = /^★{1,5}$/u;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function buttonElement(className, text) {
  const made = element("button", className, text);
  made.type = "button";
  return made;
}

export class View {
  constructor({ texts, language, onPress, onRetry, fetchFile }) {
    this.texts = texts;
    this.language = language;
    this.fetchFile = fetchFile;
    // The browser's own variant where it is of the page's language: 24 hours in Britain, 12 in America.
    const locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
    this.clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
    this.onPress = onPress;
    this.onRetry = onRetry;
    this.scroll = document.getElementById("scroll");
    this.lines = document.getElementById("lines");
    this.latest = document.getElementById("latest");
    this.byId = new Map(); // message id -> line
    this.byClientId = new Map(); // client id of an own message -> line
    this.newest = 0;
    this.latest.addEventListener("click", () => this.toEnd());
    this.scroll.addEventListener("scroll", () => this.isNearEnd() && (this.latest.hidden = true));
    new ResizeObserver(() => this.wasNearEnd && this.toEnd()).observe(this.scroll);
    this.wasNearEnd = true;
    this.scroll.addEventListener("scroll", () => (this.wasNearEnd = this.isNearEnd()));
  }

  // Shows a message once, wherever it comes from; true when it is new on the screen.
  show(message) {
    const own = message.client_id ? this.byClientId.get(message.client_id) : undefined;
    const line = own ?? this.byId.get(message.id);
    if (message.id) this.newest = Math.max(this.newest, message.id);
    if (message.is_deleted) {
      this.remove(message.id);
      return false;
    }
    if (line) {
      if (message.id) this.byId.set(message.id, line);
      if (own) this.settle(message.client_id, "sent", message.at);
      else this.reword(line, message);
      if (message.is_used) this.use(line, message.chosen);
      return false;
    }
    this.place(this.draw(message), message.id);
    return true;
  }

  // What was changed after it was shown says its new words; who reads on is not moved away.
  reword(line, message) {
    const words = line.querySelector(".text");
    const said = this.said(message);
    if (message.author === "customer") return;
    const follow = this.isNearEnd();
    const isOffered = this.rechoose(line, message);
    if (words.textContent === said) {
      if (isOffered && follow) this.toEnd();
      return;
    }
    words.textContent = said;
    words.hidden = !said;
    line.querySelector(".meta")?.replaceWith(this.drawMeta(message));
    if (follow) this.toEnd();
  }

  // A message that offers something else now; what it offers no longer is not offered elsewhere either.
  rechoose(line, message) {
    const row = line.querySelector(".choices");
    if (row?.classList.contains("used")) return false;
    const labels = message.choices ?? [];
    if (isOffering(line, labels)) return false;
    const before = line.dataset.offer;
    row?.remove();
    if (labels.length) (line.querySelector(".question") ?? line.querySelector(".bubble")).after(this.drawChoices(message));
    noteOffer(line, labels);
    if (before && before !== line.dataset.offer) endOffer(this.lines, before);
    keepNewest(this.lines);
    return true;
  }

  remove(id) {
    this.byId.get(id)?.remove();
    this.byId.delete(id);
    this.group();
  }

  draw(message) {
    const isAsking = message.author === "system" && message.choices?.length;
    const author = AUTHORS.has(message.author) && !isAsking ? message.author : "bot";
    const line = element("li", `line ${author}`);
    line.dataset.author = author;
    line.dataset.by = `${author} ${message.name ?? ""}`;
    // An agent is called what the customer was told when they joined.
    const name = message.name || this.texts[author === "customer" ? "you" : author];
    if (author !== "system") line.append(element("span", "author", name));
    const quote = this.drawQuote(message);
    if (quote) line.append(quote);
    const bubble = element("div", "bubble");
    const file = this.drawFile(message);
    if (file) bubble.append(file);
    const said = this.said(message);
    const words = element("p", "text", said);
    words.hidden = !said;
    bubble.append(words);
    line.append(bubble);
    if (message.question) line.append(element("p", "question", message.question));
    if (message.choices?.length) {
      line.append(this.drawChoices(message));
      noteOffer(line, message.choices);
    }
    if (author !== "system") line.append(this.drawMeta(message));
    if (message.id) this.byId.set(message.id, line);
    if (message.client_id) this.byClientId.set(message.client_id, line);
    if (message.is_used) this.use(line, message.chosen);
    return line;
  }

  // The words that an agent answers; null where they are not on the screen.
  drawQuote({ quotes }) {
    const answered = quotes && (this.byClientId.get(quotes.client_id) ?? this.byId.get(quotes.id));
    const words = answered?.querySelector(".text")?.textContent;
    return words ? element("p", "quote", words) : null;
  }

  said({ text, kind, file, attachment }) {
    const shown = text || (file || attachment ? "" : this.texts[`media.${kind}`] || this.texts["media.other"]);
    return shown.trim() === "/human" ? this.texts.person : shown;
  }

  // An image as it is, any other file as a button that saves it; null where there is no file.
  drawFile({ file, attachment }) {
    if (!file && !attachment) return null;
    const get = file ? async () => URL.createObjectURL(file) : () => this.fetchFile(attachment.file);
    const about = file ?? attachment;
    return isImage(file?.type ?? attachment.mime) ? this.drawImage(about, get) : this.drawSaving(about, get);
  }

  drawImage(about, get) {
    const image = element("img", "picture");
    image.alt = about.name;
    image.addEventListener("load", () => this.wasNearEnd && this.toEnd());
    // What only calls itself an image cannot be drawn: it is offered like any other file.
    image.addEventListener("error", () => image.replaceWith(this.drawSaving(about, get)));
    get().then((url) => (image.src = url), () => image.dispatchEvent(new Event("error")));
    return image;
  }

  drawSaving({ name, size }, get) {
    const button = buttonElement("file", "");
    button.append(element("span", "name", name), element("span", "size", sizeText(size, this.language)));
    button.setAttribute("aria-label", this.texts.download.replace("{name}", name));
    button.addEventListener("click", async () => {
      const way = element("a");
      way.download = name;
      try {
        way.href = await get();
      } catch {
        button.disabled = true;
        return;
      }
      way.click();
      setTimeout(() => URL.revokeObjectURL(way.href), 60_000);
    });
    return button;
  }

  drawMeta(message) {
    const meta = element("span", message.is_edited ? "meta" : "meta plain");
    if (message.is_edited) meta.append(element("span", "edited", this.texts.edited));
    meta.append(element("span", "when", this.when(message.at)));
    return meta;
  }

  when(at) {
    const time = at ? new Date(at) : new Date();
    const isToday = time.toDateString() === new Date().toDateString();
    return (isToday ? this.clock : this.day).format(time);
  }

  drawChoices(message) {
    const isStars = message.layout === "stars";
    const row = element("div", isStars ? "choices stars" : "choices");
    row.setAttribute("role", "group");
    if (message.question || isStars) row.setAttribute("aria-label", message.question || message.text);
    message.choices.forEach((label, index) => {
      const isStar = isStars && STARS.test(label);
      const choice = buttonElement(isStar ? "star" : "choice", isStar ? "★" : label);
      if (isStar) choice.setAttribute("aria-label", this.texts.stars.replace("{count}", label.length));
      choice.addEventListener("click", () => this.onPress(message.id, index));
      row.append(choice);
    });
    return row;
  }

  // Marks a message's buttons as used; `chosen` is the one that was pressed, if that is known.
  use(line, chosen) {
    const row = line.querySelector(".choices");
    if (!row) return;
    row.classList.add("used");
    Array.from(row.children).forEach((choice, index) => {
      choice.disabled = true;
      const isChosen = index === chosen;
      if (isChosen || !choice.hasAttribute("aria-pressed")) choice.setAttribute("aria-pressed", String(isChosen));
      if (choice.classList.contains("star")) choice.classList.toggle("lit", chosen !== null && index <= chosen && this.isStarAt(row, chosen));
    });
  }

  isStarAt(row, index) {
    return row.children[index]?.classList.contains("star") ?? false;
  }

  useById(id, chosen) {
    const line = this.byId.get(id);
    if (line) this.use(line, chosen);
  }

  // Own messages: 'sending' until the server has them for good, then 'sent', or 'failed' with a way to try again.
  settle(clientId, state, at) {
    const line = this.byClientId.get(clientId);
    if (!line) return;
    line.classList.remove("sending", "failed");
    if (state !== "sent") line.classList.add(state);
    const meta = line.querySelector(".meta");
    meta.classList.toggle("plain", state === "sent");
    meta.replaceChildren();
    if (state === "sent") {
      meta.append(element("span", "when", this.when(at)), this.mark("✓", this.texts.sent));
    } else if (state === "sending") {
      meta.append(element("span", "when", `${this.texts.sending} …`));
    } else {
      const again = buttonElement("again", this.texts.retry);
      again.addEventListener("click", () => this.onRetry(clientId, line.querySelector(".text").textContent));
      meta.append(element("span", "when", this.texts.failed), again);
    }
  }

  mark(sign, meaning) {
    const mark = element("span", "tick", sign);
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", meaning);
    return mark;
  }

  place(line, id) {
    const follow = this.isNearEnd() || line.dataset.author === "customer";
    const after = id ? this.firstAfter(id) : null;
    this.lines.insertBefore(line, after);
    if (id) line.dataset.id = id;
    this.group();
    keepNewest(this.lines);
    if (follow) this.toEnd();
    else this.latest.hidden = false;
  }

  // History may come late for lines that already stand: numbers give the order, own unsent lines stay last.
  firstAfter(id) {
    for (let line = this.lines.lastElementChild, found = null; ; line = line.previousElementSibling) {
      if (!line || (line.dataset.id && Number(line.dataset.id) < id) || line.classList.contains("hello")) return found;
      if (line.dataset.id) found = line;
    }
  }

  group() {
    const all = Array.from(this.lines.children);
    all.forEach((line, n) => {
      line.classList.toggle("first", all[n - 1]?.dataset.by !== line.dataset.by);
      line.classList.toggle("last", all[n + 1]?.dataset.by !== line.dataset.by);
      const author = line.querySelector(".author");
      if (author) author.hidden = !line.classList.contains("first");
    });
  }

  isNearEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.latest.hidden = true;
  }
}
