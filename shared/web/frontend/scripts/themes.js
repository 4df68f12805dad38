// The theme buttons: light, dark, or the system's own, kept in a cookie so that the server renders it too.

const A_YEAR = 365 * 24 * 3600;
const root = document.documentElement;

function mark() {
  const current = root.dataset.theme ?? "auto";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current));
  }
}

function choose(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const age = theme === "auto" ? 0 : A_YEAR;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
  mark();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-theme-choice]");
  if (button) choose(button.dataset.themeChoice);
});
mark();
