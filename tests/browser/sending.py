"""What a page's own person sends to the interface, as its scripts would."""

from typing import Any

from playwright.async_api import Page

SEND = """async ([path, body]) => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const own = { "content-type": "application/json", "idempotency-key": crypto.randomUUID(), "if-match": "*" };
  const options = { method: "POST", headers: { ...headers, ...own } };
  const answer = await fetch(path, body ? { ...options, body: JSON.stringify(body) } : options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}"""


async def send(page: Page, path: str, **body: Any) -> dict[str, Any]:
    """What the interface answers to somebody signed in; raises what it refuses."""
    answer: dict[str, Any] = await page.evaluate(SEND, [path, body or None])
    return answer
