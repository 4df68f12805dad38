// Loaded by pages whose address says all they show: shares it where the system can, else copies it, else says where it is.

import { toast } from "./toasts.js";

async function share(button) {
  const { phraseCopied, phraseKept } = button.dataset;
  if (navigator.share) {
    // Whoever closes the system's sheet changed their mind.
    return navigator.share({ title: document.title, url: location.href }).catch(() => {});
  }
  try {
    await navigator.clipboard.writeText(location.href);
    toast({ text: phraseCopied });
  } catch {
    toast({ text: phraseKept });
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-share]");
  if (button) share(button);
});
