"""Which Chromium drives the pages: Debian's, or the one that `playwright install chromium` brought."""

import os
import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# Chromium's sandbox refuses root, which containers are.
ARGUMENTS = [*_QUIET, "--no-sandbox"] if os.geteuid() == 0 else _QUIET
