// Loaded by the steps of a draft. A button of the preview puts its value into the form beside it; where the field is on another page, it is sent.

const OURS = new Set(["_csrf", "back"]);

document.addEventListener("submit", (event) => {
  const button = event.target.closest("form[data-widen]");
  const draft = document.querySelector("form[data-draft]");
  if (!button || !draft) return;
  const wanted = new Map();
  for (const { name, value } of button.elements) {
    if (name && !OURS.has(name)) wanted.set(name, [...(wanted.get(name) ?? []), value]);
  }
  if ([...wanted.keys()].some((name) => !draft.elements[name])) return;
  event.preventDefault();
  let first;
  for (const [name, values] of wanted) {
    for (const field of draft.querySelectorAll(`[name="${name}"]`)) {
      if (field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0];
      first ??= field;
    }
  }
  first.focus();
  first.dispatchEvent(new Event("input", { bubbles: true }));
});
