// Loaded by pages whose address says all they show: shares it where the system can, else copies it, else says where it is.

const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));

async function share(button) {
  const { phraseCopied, phraseKept } = button.dataset;
  if (navigator.share) {
    // Whoever closes the system's sheet changed their mind.
    return navigator.share({ title: document.title, url: location.href }).catch(() => {});
  }
  try {
    await navigator.clipboard.writeText(location.href);
    say(phraseCopied);
  } catch {
    say(phraseKept);
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-share]");
  if (button) share(button);
});
