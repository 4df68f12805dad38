// Loaded by the pages that hold such a form. Keeps what is typed in a form with `data-draft="name"` on this device, and brings it back after a lost session.

import { phrase } from "./phrases.js";

const PREFIX = "draft:";
const NEVER = new Set(["password", "file", "hidden", "submit", "button"]);

function fields(form) {
  return [...form.elements].filter((field) => field.name && !NEVER.has(field.type) && !field.hasAttribute("data-no-draft"));
}

function values(form) {
  const kept = {};
  for (const field of fields(form)) {
    const list = (kept[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") field.checked && list.push(field.value);
    else if (field.multiple) list.push(...[...field.selectedOptions].map((option) => option.value));
    else list.push(field.value);
  }
  return kept;
}

function fill(form, kept) {
  const rest = structuredClone(kept);
  for (const field of fields(form)) {
    const list = rest[field.name];
    if (!list) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = list.includes(option.value);
    else if (list.length) field.value = list.shift();
  }
}

function key(form) {
  // The owner keeps two people on one computer apart.
  return `${PREFIX}${document.body.dataset.owner ?? ""}:${form.dataset.draft}`;
}

function say(form, name) {
  const place = form.querySelector("[data-draft-state]");
  if (place) place.textContent = phrase(name);
}

function start(form) {
  const kept = JSON.parse(localStorage.getItem(key(form)) ?? "null");
  // What the server rendered after an error is newer than what this device kept.
  if (kept && !form.querySelector("[aria-invalid]") && JSON.stringify(kept) !== JSON.stringify(values(form))) {
    fill(form, kept);
    say(form, "draft-restored");
  }
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      localStorage.setItem(key(form), JSON.stringify(values(form)));
      say(form, "draft-kept");
    }, 400);
  });
}

/** A page that follows a success names the drafts it ends: `<… data-draft-done="need">`. */
function clear(root) {
  for (const { dataset } of root.querySelectorAll("[data-draft-done]")) {
    localStorage.removeItem(key({ dataset: { draft: dataset.draftDone } }));
  }
}

const started = new WeakSet();

function scan() {
  clear(document);
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (!started.has(form)) start(form);
    started.add(form);
  }
}

try {
  scan();
  document.addEventListener("htmx:after:swap", scan);
} catch (error) {
  // Storage may be refused (private window, full disk): the form works, it is only not kept.
  console.warn("drafts are not kept on this device", error);
}
