// Loaded where it is used. Passkeys: <form data-passkey="create" or "get" data-passkey-options="…">: the browser's own dialog fills the form.

const ASK = {
  create: (options) => navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  }),
  get: (options) => navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  }),
};

document.addEventListener("submit", async (event) => {
  const { target: form } = event;
  const { passkey, passkeyOptions, passkeyFailed } = form.dataset;
  if (!passkey || form.elements.credential.value) return;
  event.preventDefault();
  try {
    const credential = await ASK[passkey](JSON.parse(passkeyOptions));
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    // Cancelled, refused, or a browser that has none of this: the page's other way stays.
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: passkeyFailed, kind: "err" } }));
  }
});
