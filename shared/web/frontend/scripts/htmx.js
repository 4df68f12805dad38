// htmx, with words for the failures it would leave silent.

import htmx from "htmx.org/dist/htmx.esm.min.js";
import { toast } from "./toasts.js";
import { phrase } from "./phrases.js";

// A fragment that refreshes by itself fails without a word: the page keeps what it shows.
function isGesture(context) {
  return ["click", "submit", "change"].includes(context?.sourceEvent?.type);
}

document.addEventListener("htmx:error", ({ detail }) => {
  if (isGesture(detail.ctx)) toast({ text: phrase("offline"), kind: "err" });
});

document.addEventListener("htmx:response:error", ({ detail }) => {
  const { status } = detail.ctx.response;
  if (status >= 500 && isGesture(detail.ctx)) toast({ text: phrase("failed"), kind: "err" });
});

// What was refused takes the focus, whether it came as a page or as a part of one.
function focusOnErrors() {
  const summary = document.querySelector(".errsum[data-focus]");
  summary?.removeAttribute("data-focus");
  summary?.focus();
}

focusOnErrors();
document.addEventListener("htmx:after:swap", focusOnErrors);

export default htmx;
