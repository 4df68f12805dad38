"""A reader that knows nothing of Boucle but its AsyncAPI document: FastStream, run alone by test_a_stranger_reads.py.

Standard input: `{"document", "user", "durable", "url", "seed_file", "until"}`. Standard output: a line a fact it
understood, or `{"refused": why}`; it ends after `until` facts, and says which of Boucle's own modules it has loaded
(none).
"""

import asyncio
import json
import re
import sys
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from jsonschema import Draft7Validator, FormatChecker

Document = dict[str, Any]
OURS = ("shared", "services", "deploy", "tests")


def at(document: Document, where: Document) -> Document:
    """What a `$ref` points to."""
    found = document
    for part in where["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def subject_of(channel: Document) -> re.Pattern[str]:
    """A channel's address as a pattern; a parameter is one token."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^.]+)", re.escape(channel["address"])))


class Understanding:
    """The facts one user hears, by the subjects they come on."""

    def __init__(self, document: Document, user: str, durable: str) -> None:
        self.document = document
        self.operations = [
            each
            for each in document["operations"].values()
            if each["action"] == "receive" and _read_by(each) == (user, durable)
        ]
        self.channels = [at(document, each["channel"]) for each in self.operations]

    def why_not(self, subject: str, headers: dict[str, str], body: Document) -> str | None:
        """What of a message differs from the document; None when nothing does."""
        for channel in self.channels:
            if subject_of(channel).fullmatch(subject):
                (message,) = (at(self.document, each) for each in channel["messages"].values())
                return self._differs(message["payload"], body) or self._differs(message["headers"], headers)
        return f"nothing is said of {subject}"

    def _differs(self, schema: Document, value: object) -> str | None:
        whole = {"allOf": [schema], "components": self.document["components"]}
        found = next(Draft7Validator(whole, format_checker=FormatChecker()).iter_errors(value), None)
        return found and f"{found.json_path}: {found.message}"


def _read_by(operation: Document) -> tuple[str | None, str | None]:
    place = operation.get("x-jetstream", {})
    return place.get("user"), place.get("durable")


def say(words: Document) -> None:
    sys.stdout.write(json.dumps(words) + "\n")


async def main() -> None:
    asked = json.loads(sys.stdin.read())
    understanding = Understanding(asked["document"], asked["user"], asked["durable"])
    place = understanding.operations[0]["x-jetstream"]
    inbox = place["inboxPrefix"]
    broker = NatsBroker(asked["url"], nkeys_seed=asked["seed_file"], inbox_prefix=inbox, logger=None)
    app = FastStream(broker, logger=None)
    left = asked["until"]

    @broker.subscriber(
        ">",
        stream=JStream(place["stream"], declare=False),
        durable=place["durable"],
        pull_sub=PullSub(batch_size=20, timeout=1.0),
        inbox_prefix=f"{inbox}.".encode(),
        ack_policy=AckPolicy.MANUAL,
    )
    async def hear(body: Document, message: NatsMessage) -> None:
        nonlocal left
        raw = message.raw_message
        why = understanding.why_not(raw.subject, dict(raw.headers or {}), body)
        say({"refused": why} if why else {"subject": raw.subject, "fact": body})
        await message.ack()
        left -= 1
        if left <= 0:
            app.exit()

    await app.run()
    say({"loaded": [name for name in sys.modules if name.split(".")[0] in OURS]})


if __name__ == "__main__":
    asyncio.run(main())
