// Sets the chosen theme before the first paint. Without a choice, the system's own applies, by CSS alone.

const root = document.documentElement;
root.classList.add("js");
const chosen = document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/);
if (chosen) root.dataset.theme = chosen[1];
