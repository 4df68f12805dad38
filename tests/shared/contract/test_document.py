"""The contract of the events: a document that AsyncAPI's own parser accepts, and that says what really travels."""

import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator, FormatChecker

from deploy.cli.main import cli
from deploy.frontend import find_npm
from services.catalog.worker import HANDLERS as CATALOG
from services.matching.worker import HANDLERS as MATCHING
from services.notifications.worker import HANDLERS as NOTIFICATIONS
from shared.contract import asyncapi
from shared.contract.asked import EXAMPLES, REFUSED
from shared.contract.examples import example_of
from shared.events import decode, registry
from shared.messaging.topology import CONSUMERS, PUBLISHES, QUESTIONS, STREAMS, inbox_prefix, pattern_of, permissions
from shared.questions.question import Refused, questions

PARSE = Path(__file__).parent / "parse.mjs"
WORST_ALLOWED = 2  # an information, as of a newer version; 1 is a warning, 0 an error
HANDLERS = {"catalog": CATALOG, "matching": MATCHING, "notifications": NOTIFICATIONS}
Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    return asyncapi()


def parsed(document: Document) -> Document:
    """What @asyncapi/parser finds: the addresses of the channels, and what is wrong."""
    node = str(find_npm()[1] / "node")
    done = subprocess.run([node, str(PARSE)], input=json.dumps(document), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stderr}\nIs it installed? make node_modules/.for-tests"
    answer: Document = json.loads(done.stdout)
    return answer


def troubles(answer: Document) -> list[Document]:
    return [each for each in answer["findings"] if each["severity"] < WORST_ALLOWED]


def test_its_own_parser_accepts_the_document(document: Document) -> None:
    answer = parsed(document)
    assert troubles(answer) == []
    assert answer["channels"] == [channel["address"] for channel in document["channels"].values()]


def without_parameter(document: Document) -> None:
    document["channels"]["catalog.need.published.v1"]["parameters"] = {}


def without_channel(document: Document) -> None:
    del document["channels"]["catalog.need.published.v1"]


def without_schema(document: Document) -> None:
    del document["components"]["schemas"]["Place"]


def with_a_strange_binding(document: Document) -> None:
    document["operations"]["matching.receive.catalog.need.published.v1"]["bindings"]["nats"]["stream"] = "CATALOG"


def with_a_strange_type(document: Document) -> None:
    document["components"]["schemas"]["Place"]["properties"]["commune_code"]["type"] = "text"


@pytest.mark.parametrize(
    "spoil", [without_parameter, without_channel, without_schema, with_a_strange_binding, with_a_strange_type]
)
def test_its_own_parser_refuses_a_spoilt_one(document: Document, spoil: Callable[[Document], None]) -> None:
    """Otherwise its acceptance would say nothing."""
    spoilt = copy.deepcopy(document)
    spoil(spoilt)
    assert troubles(parsed(spoilt))


@pytest.mark.parametrize("name", sorted(registry()))
def test_every_event_has_its_channel_its_message_and_an_example_that_we_read(document: Document, name: str) -> None:
    channel, kind = document["channels"][name], registry()[name]
    assert channel["address"].format(**{kind.aggregate: example_of(kind).aggregate_id}) == example_of(kind).subject
    assert [*channel["messages"].values()] == [{"$ref": f"#/components/messages/{kind.__name__}"}]
    (example,) = document["components"]["messages"][kind.__name__]["examples"]
    assert example["headers"]["Nats-Msg-Id"] == example["payload"]["id"]
    assert decode(json.dumps(example["payload"]).encode()).data == example_of(kind)


@pytest.mark.parametrize("name", sorted(registry()))
def test_every_example_is_what_its_schema_says(document: Document, name: str) -> None:
    message = document["components"]["messages"][registry()[name].__name__]
    reads = Draft7Validator(
        {**message["payload"], "components": document["components"]}, format_checker=FormatChecker()
    )
    (example,) = message["examples"]
    reads.validate(example["payload"])
    for field in message["payload"]["required"]:
        assert not reads.is_valid({key: value for key, value in example["payload"].items() if key != field})
    assert not reads.is_valid({**example["payload"], "type": "catalog.need.published.v9"})
    assert not reads.is_valid({**example["payload"], "data": {}})


def facts_of(those: Document) -> list[Document]:
    """Without the questions, which no stream stores."""
    return [each for name, each in those.items() if "rpc." not in name]


@pytest.mark.parametrize("subject", sorted(questions()))
def test_every_question_has_its_channels_its_messages_and_examples_that_we_read(
    document: Document, subject: str
) -> None:
    kind, components = questions()[subject], document["components"]
    question, answer = EXAMPLES[kind]
    assert document["channels"][subject]["address"] == subject
    for shape, example in ((kind, question), (kind.answer, answer), (Refused, REFUSED)):
        message = components["messages"][shape.__name__]
        (shown,) = message["examples"]
        reads = Draft7Validator({**message["payload"], "components": components}, format_checker=FormatChecker())
        reads.validate(shown["payload"])
        assert shape.model_validate_json(json.dumps(shown["payload"])) == example
        assert not reads.is_valid({})


def test_a_question_is_asked_and_answered_by_who_has_the_rights(document: Document) -> None:
    assert [(each.subject, each.asker, each.answerer) for each in QUESTIONS] == [
        (subject, kind.spec().asker, kind.spec().answerer) for subject, kind in questions().items()
    ]
    for spec in QUESTIONS:
        asking = document["operations"][f"{spec.asker}.send.{spec.subject}"]
        assert asking["x-nats"] == {"user": spec.asker, "inboxPrefix": inbox_prefix(spec.asker)}
        answering = document["operations"][f"{spec.answerer}.receive.{spec.subject}"]
        assert answering["bindings"]["nats"]["queue"] == spec.answerer
        assert spec.subject in permissions(spec.asker)["publish"]["allow"]  # type: ignore[index]
        assert not any(re.match(pattern_of(each), spec.subject) for stream in STREAMS for each in stream.subjects)


def test_the_stream_of_a_channel_stores_its_subjects(document: Document) -> None:
    streams = {spec.name: spec for spec in STREAMS}
    for channel in facts_of(document["channels"]):
        stream = channel["x-jetstream"]["stream"]
        assert document["x-jetstream"]["streams"][stream]["subjects"] == list(streams[stream].subjects)
        assert any(re.match(pattern_of(each), channel["address"]) for each in streams[stream].subjects)


def test_each_fact_is_told_by_who_may_publish_it(document: Document) -> None:
    sending = [each for each in facts_of(document["operations"]) if each["action"] == "send"]
    assert len(sending) == len(registry())
    for operation in sending:
        ((tag,), channel) = operation["tags"], operation["channel"]["$ref"].removeprefix("#/channels/")
        address = document["channels"][channel]["address"]
        assert any(re.match(pattern_of(each), address) for each in PUBLISHES[tag["name"]])


def test_each_fact_is_heard_by_whose_durable_lets_it_through_and_by_whoever_handles_it(document: Document) -> None:
    heard = {
        (each["tags"][0]["name"], each["channel"]["$ref"].removeprefix("#/channels/"))
        for each in facts_of(document["operations"])
        if each["action"] == "receive"
    }
    handled = {(service, kind.type) for service, handlers in HANDLERS.items() for kind in handlers}
    assert handled <= heard
    assert {service for service, _ in heard} == {spec.service for spec in CONSUMERS}


def test_the_command_prints_it_in_both_forms(document: Document) -> None:
    said = {form: CliRunner().invoke(cli, ["asyncapi", form]).stdout for form in ("--json", "--yaml")}
    assert json.loads(said["--json"]) == document
    assert yaml.safe_load(said["--yaml"]) == document
    assert "&id" not in said["--yaml"]
    assert json.loads(CliRunner().invoke(cli, ["asyncapi"]).stdout) == document
