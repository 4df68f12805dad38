// What every page runs: htmx, then small modules that each look for their own attributes.

import "./htmx.js";
import "./confirm.js";
import "./connection.js";
import "./live.js";
import "./menus.js";
import "./tabs.js";
import "./themes.js";
import "./toasts.js";
