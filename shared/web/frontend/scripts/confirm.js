// Asks before what cannot be undone: `data-confirm="…"` on a form or a button, or htmx's own hx-confirm.

import { phrase } from "./phrases.js";

function button(text, classes, value) {
  const element = document.createElement("button");
  element.className = `btn ${classes}`;
  element.value = value;
  element.textContent = text;
  return element;
}

/** Resolves to true when the person confirms; Escape and the other button say no. */
export function ask(question, verb = phrase("confirm")) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const form = document.createElement("form");
  form.method = "dialog";
  const words = document.createElement("p");
  words.id = "ask-words";
  words.textContent = question;
  const actions = document.createElement("div");
  actions.className = "acts mt-6";
  actions.append(button(verb, "btn-primary", "yes"), button(phrase("cancel"), "btn-line", ""));
  form.append(words, actions);
  dialog.append(form);
  dialog.setAttribute("aria-labelledby", words.id);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

const agreed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const source = submitter?.dataset.confirm ? submitter : form;
  if (!source.dataset.confirm || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(source.dataset.confirm, source.dataset.confirmVerb))) return;
  agreed.add(form);
  form.requestSubmit(submitter);
}, true);

document.addEventListener("htmx:confirm", async (event) => {
  event.preventDefault();
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (await ask(ctx.confirm)) issueRequest();
  else dropRequest();
});
