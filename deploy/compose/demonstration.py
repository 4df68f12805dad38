"""Loads the demonstration and prints its accounts.

docker compose run --rm setup python -m deploy.compose.demonstration
"""

from __future__ import annotations

import sys

from deploy.cli.demonstration import load
from deploy.compose.places import instance


def main() -> None:
    """A second time changes nothing and prints the same accounts."""
    # Files lie in a volume, or a bucket, that catalog's own containers have.
    for account in load(instance(), keeps_files=False):
        sys.stdout.write(f"{account.email}  {account.password}  {account.organisation}: {account.role}\n")


if __name__ == "__main__":
    main()
