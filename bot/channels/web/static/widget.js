// Puts a round button on a shop's page that opens the chat in a frame:
//   <script src="https://chat.shop.example/widget.js" async></script>
// Optional attributes: data-language="zh", data-color="#0f6f6a", data-side="left".
// All styles are set through the style object, so a strict style-src of the host page does not matter.
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(script.src).origin;
  const options = script.dataset;
  const isChinese = (options.language || document.documentElement.lang || navigator.language).startsWith("zh");
  const language = options.language || (isChinese ? "zh" : "en");
  const texts = isChinese ? ["打开聊天", "关闭聊天"] : ["Open the chat", "Close the chat"];
  const side = options.side === "left" ? "left" : "right";
  const SVG = "http://www.w3.org/2000/svg";
  const BUBBLE = "M4 5.5h16v10.5H11l-4.5 3.5V16H4z";
  const CROSS = "M6 6l12 12M18 6L6 18";
  let frame = null;

  function styled(made, styles) {
    for (const [name, value] of Object.entries(styles)) made.style.setProperty(name, value, "important");
    return made;
  }

  const path = document.createElementNS(SVG, "path");
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(path);
  styled(icon, {
    width: "28px", height: "28px", fill: "none", stroke: "currentColor", "stroke-width": "1.9",
    "stroke-linecap": "round", "stroke-linejoin": "round",
  });
  const dot = styled(document.createElement("span"), {
    position: "absolute", top: "2px", right: "2px", width: "14px", height: "14px", "border-radius": "50%",
    background: "#dc2626", border: "2px solid #fff", display: "none",
  });
  const button = styled(document.createElement("button"), {
    all: "initial", position: "fixed", bottom: "20px", [side]: "20px", "z-index": "2147483000", width: "60px",
    height: "60px", display: "grid", "place-items": "center", "border-radius": "50%", cursor: "pointer",
    background: options.color || "#0f6f6a", color: "#fff", "box-shadow": "0 6px 24px rgb(0 0 0 / 25%)",
  });
  button.type = "button";
  button.append(icon, dot);
  button.addEventListener("focus", () => {
    if (button.matches(":focus-visible")) styled(button, { outline: "3px solid #fff", "outline-offset": "-6px" });
  });
  button.addEventListener("blur", () => styled(button, { outline: "none" }));
  button.addEventListener("click", () => toggle(!isOpen()));

  function isOpen() {
    return frame !== null && frame.style.display !== "none";
  }

  function makeFrame() {
    frame = document.createElement("iframe");
    frame.src = `${base}/?lang=${encodeURIComponent(language)}`;
    frame.title = isChinese ? "聊天" : "Chat";
    document.body.append(frame);
  }

  function place() {
    const isPhone = innerWidth <= 520;
    const across = isPhone
      ? { inset: "0", width: "100%", height: "100dvh", "border-radius": "0" }
      : { bottom: "92px", [side]: "20px", width: "400px", height: "min(640px, calc(100dvh - 112px))", "border-radius": "18px" };
    styled(frame, {
      all: "initial", position: "fixed", "z-index": "2147483001", border: "0", background: "transparent",
      "color-scheme": "normal", "box-shadow": "0 12px 48px rgb(0 0 0 / 28%)", ...across,
    });
  }

  function toggle(open) {
    if (open) {
      if (!frame) makeFrame();
      place();
      frame.focus();
      styled(dot, { display: "none" });
    } else if (frame) {
      styled(frame, { display: "none" });
      button.focus();
    }
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", texts[open ? 1 : 0]);
    path.setAttribute("d", open ? CROSS : BUBBLE);
  }

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base) return;
    if (event.data?.frontdesk === "close") toggle(false);
    else if (event.data?.frontdesk === "message" && !isOpen()) styled(dot, { display: "block" });
  });
  addEventListener("resize", () => isOpen() && place());

  toggle(false);
  const start = () => document.body.append(button);
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
