// Tabs that do not fit are scrolled sideways: the one that is open is in sight, after a change in place as well.

function show() {
  for (const tab of document.querySelectorAll(".tabs-b [aria-current]")) {
    const row = tab.parentElement, its = tab.getBoundingClientRect(), all = row.getBoundingClientRect();
    row.scrollLeft += its.left - all.left - (all.width - its.width) / 2;
  }
}

show();
document.addEventListener("htmx:after:swap", show);
