// Who is writing: told while the customer does, and shown while somebody of the staff does. Nothing of it is kept.

const AGAIN_MS = 4000; // sooner than what was told is over

export class Typing {
  constructor({ connection, words, named, line }) {
    this.connection = connection;
    this.words = words;
    this.named = named;
    this.line = line;
    this.toldAt = 0;
  }

  tell(text) {
    const isTyping = Boolean(text.trim());
    if (isTyping ? Date.now() - this.toldAt < AGAIN_MS : !this.toldAt) return;
    this.toldAt = isTyping ? Date.now() : 0;
    this.connection.typing(isTyping);
  }

  show({ is_typing: isTyping, name, lasts_s: lasts }) {
    clearTimeout(this.timer);
    this.line.textContent = !isTyping ? "" : name ? this.named.replace("{name}", () => name) : this.words;
    if (isTyping) this.timer = setTimeout(() => this.show({ is_typing: false }), lasts * 1000);
  }
}
