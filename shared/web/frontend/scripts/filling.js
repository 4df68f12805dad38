// Loaded where codes are proposed. A button with `data-into="id"` writes its value into that field: codes proposed below where they are typed.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-into]");
  if (!button) return;
  const field = document.getElementById(button.dataset.into);
  field.value = button.value;
  field.focus();
  // Whoever listens to typing hears it: suggestions, drafts.
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
