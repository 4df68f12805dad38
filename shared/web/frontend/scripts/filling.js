// A button with `data-into="id"` writes its value into that field: codes proposed below where they are typed.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-into]");
  const field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  field.value = button.value;
  field.focus();
  // Whoever listens to typing hears it: suggestions, drafts.
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
