"""Reads letters as whoever runs an instance does, with `boucle mail`, for the links in them."""

import asyncio
import json
import re
import sys

from deploy.bench.stage import Stage

LETTER_LIMIT_S = 90.0  # a busy machine starts each command in seconds


async def link_in_letter(house: Stage, email: str, subject: str, *, to: str = "/links/") -> str:
    """The path of the link in somebody's newest letter of a subject, as soon as it is there."""
    async with asyncio.timeout(LETTER_LIMIT_S):
        while True:
            letters = json.loads(await _mail(house, "list", "--json", "--limit", "1000") or "[]")
            found = [each["id"] for each in letters if each["to"] == email and subject in each["subject"]]
            if found:
                shown = re.search(rf"http://[^/]+({to}[^\s>]+)", await _mail(house, "show", found[0]))
                assert shown is not None
                return shown[1]
            await asyncio.sleep(0.3)


async def _mail(house: Stage, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *("-m", "deploy.cli.main", "mail", *words, "--data", str(house.folder)),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return (await process.communicate())[0].decode()
