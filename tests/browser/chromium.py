"""Which Chromium drives the pages: Debian's, or the one that `playwright install chromium` brought.

Where there is one that has no windows at all, it is taken: it sees the same pages in two thirds of the time.
"""

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
_QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# Chromium's sandbox refuses root, which containers are.
ARGUMENTS = [*_QUIET, "--no-sandbox"] if os.geteuid() == 0 else _QUIET
