// Short messages at the bottom of the page, in a live region.

import { phrase } from "./phrases.js";

const LASTING = 8000;
// What comes in a burst stands on the page and in the inbox: the newest is enough here.
const MOST = 2;

function cross(box) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-x";
  button.textContent = "×";
  button.setAttribute("aria-label", phrase("close"));
  button.addEventListener("click", () => box.remove());
  return button;
}

/** Shows one message; `url` makes its title a link, an error stays until it is closed. */
export function toast({ text, url, kind = "ok" }) {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const box = document.createElement("div");
  box.className = "toast-box";
  if (kind === "err") box.dataset.kept = "";
  const words = document.createElement(url ? "a" : "span");
  words.textContent = text;
  if (url) words.href = url;
  box.append(words, cross(box));
  region.append(box);
  const shown = region.querySelectorAll(".toast-box:not([data-kept])");
  for (const old of [...shown].slice(0, -MOST)) old.remove();
  if (kind !== "err") setTimeout(() => box.matches(":hover, :focus-within") || box.remove(), LASTING);
}

// Those the server rendered can be closed too.
document.addEventListener("click", ({ target }) => target.closest?.(".toast-x")?.closest(".toast-box")?.remove());
// A fragment's answer may ask for one: HX-Trigger: {"toast": {"text": "…"}}
document.addEventListener("toast", ({ detail }) => toast(detail));
