// Menus are <details>: this closes them on Escape and on a click elsewhere.

function open() {
  return document.querySelectorAll("details.menu[open]");
}

document.addEventListener("click", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
