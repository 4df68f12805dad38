"""Pages as their readers see them: plain spaces, plain apostrophes."""

import httpx


def said(answer: httpx.Response) -> str:
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").replace("&#39;", "'")


async def shown(client: httpx.AsyncClient, address: str) -> str:
    return said(await client.get(address))
