// The line to the server: says hello, says things again until they are accepted, and comes back by itself.

const STORE_KEY = "frontdesk.token";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;

// A browser may refuse storage inside another site's page; the session then lasts as long as the page.
let kept = null;

function keptToken() {
  try {
    return localStorage.getItem(STORE_KEY) ?? kept;
  } catch {
    return kept;
  }
}

function keepToken(token) {
  kept = token;
  try {
    localStorage.setItem(STORE_KEY, token);
  } catch {
    // see above
  }
}

export class Connection {
  constructor({ language, since, onFrame, onState }) {
    this.language = language;
    this.since = since;
    this.onFrame = onFrame;
    this.onState = onState;
    this.unaccepted = new Map(); // client_id -> frame, in the order they were said
    this.unanswered = new Map(); // presses, by message and button
    this.failures = 0;
    this.ready = false;
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("storage", (change) => this.adopt(change));
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    const url = new URL("/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.ready = false;
      this.send({ type: "hello", token: keptToken(), language: this.language, since: this.since() });
    });
    socket.addEventListener("message", (event) => socket === this.socket && this.take(JSON.parse(event.data)));
    socket.addEventListener("close", () => socket === this.socket && this.lost());
  }

  take(frame) {
    if (frame.type === "welcome") {
      keepToken(frame.token);
      this.failures = 0;
      this.ready = true;
      this.onFrame(frame);
      this.onState("online");
      for (const said of this.unaccepted.values()) this.send(said);
      for (const press of this.unanswered.values()) this.send(press);
      return;
    }
    if (frame.type === "accepted" || (frame.type === "error" && frame.client_id)) {
      this.unaccepted.delete(frame.client_id);
    } else if (frame.type === "choices_used") {
      this.unanswered.delete(`${frame.message_id}.${frame.index}`);
    }
    this.onFrame(frame);
  }

  lost() {
    this.ready = false;
    this.onState("offline");
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    // Spread out, so that a server that comes back is not met by everybody at once.
    this.timer = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
  }

  hurry() {
    if (this.socket.readyState === WebSocket.CLOSED) this.connect();
  }

  // Another window of this browser began a session while this one had said nothing in its own: one is enough.
  adopt(change) {
    const isOther = change.key === STORE_KEY && change.newValue && change.newValue !== kept;
    if (isOther && this.since() === 0 && this.unaccepted.size === 0) this.socket.close();
  }

  get token() {
    return keptToken();
  }

  say(text, clientId = newId(), upload = undefined) {
    const frame = { type: "say", client_id: clientId, text, upload };
    this.unaccepted.set(clientId, frame);
    if (this.ready) this.send(frame);
    return clientId;
  }

  press(messageId, index) {
    const frame = { type: "press", message_id: messageId, index };
    this.unanswered.set(`${messageId}.${index}`, frame);
    if (this.ready) this.send(frame);
  }

  // Told every few seconds while something is being written; what gets lost is told again.
  typing(isTyping) {
    if (this.ready) this.send({ type: "typing", is_typing: isTyping });
  }

  goOn() {
    if (this.ready) this.send({ type: "go_on" });
    return this.ready;
  }

  send(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

// crypto.randomUUID exists only on https and localhost; a shop may try the chat over plain http first.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
