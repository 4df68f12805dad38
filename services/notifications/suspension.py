"""What an organisation that the territory suspended still changes in notifications: what it has read, and less.

Notices, letters and their rhythm are a person's own. A webhook is stopped, taken away or given another secret; none
begins, goes elsewhere or goes on: meanwhile nothing leaves but the word of the suspension itself.
"""

# A person reads, and says how and when to be told; a letter's link is its reader's.
PERSONS = (
    "/notifications/{notice_id}",
    "/notifications/read",
    "/notifications/preferences",
    "/notifications/unsubscribe",
    "/notifications/api/v1/notices",
    "/notifications/api/v1/preferences",
)

GOES_ON = frozenset(
    f"{prefix}/webhooks/{{webhook_id}}/{ending}"
    for prefix in ("/notifications", "/notifications/api/v1")
    for ending in ("pause", "remove", "secret")
)


def goes_on(path: str) -> bool:
    """True for what a member of a suspended organisation may still change, by a route's path as it is written."""
    return path in GOES_ON or any(path == each or path.startswith(f"{each}/") for each in PERSONS)
