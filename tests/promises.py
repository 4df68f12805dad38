"""What Boucle promises, each with what shows it: `python -m tests.promises` writes `docs/promises.md`.

A test says which promise it keeps with `@pytest.mark.promise(number)`; a fault of the rig is named here.
"""

import ast
import sys
from collections import defaultdict
from pathlib import Path

from deploy.chaos.long import STORIES

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "promises.md"

PROMISES = {
    1: "A change and its event are committed together.",
    2: "A write that was answered with success survives whatever comes after the answer.",
    3: "The relay passes over no event, in whatever order transactions commit.",
    4: "Events of one aggregate are published in the order of their versions.",
    5: "A publish whose outcome is unknown is repeated with the same id.",
    6: "An event that is published again after the broker forgot its id has no second effect.",
    7: "Inbox row and effect are committed together, and the acknowledgement comes after.",
    8: "A commit whose outcome is unknown is settled by redelivery.",
    9: "A duplicate has no effect.",
    10: "An older version that comes after a newer one has no effect.",
    11: "What cannot be applied stops nobody and is lost by nobody.",
    12: "A message that kills its process is put aside.",
    13: "An outage of the database costs no attempt.",
    14: "A slow consumer loses nothing and applies nothing twice.",
    15: "A handler that takes longer than its lease keeps it.",
    16: "While the broker is away, writes are accepted; then they are published.",
    17: "A full stream holds publishing back and loses nothing.",
    18: "A full disk of the broker heals once there is room.",
    19: "A full disk of the database refuses writes in words, and heals once there is room.",
    20: "A power cut loses nothing that the broker acknowledged.",
    21: "Engines that are not durable are refused at the start, with the reason.",
    22: "A lost stream is made again and filled from the outbox.",
    23: "What the broker lost is found and can be mended.",
    24: "A killed database comes back with everything that was committed.",
    25: "A frozen engine holds up no request for ever.",
    26: "A connection that swallows everything is given up and made anew.",
    27: "Rights at the broker that were taken away and given back need no restart.",
    28: "A callback of the broker's client that raises does not end the client.",
    29: "A client that is dead without saying so is noticed and replaced.",
    30: "A stop under load is quick, and what was fetched goes back.",
    31: "Two relays or two consumers at once publish and apply nothing twice.",
    32: "A durable that differs from what is wanted is corrected.",
    33: "A projection can be built again beside the traffic.",
    34: "A restored database converges with the others.",
    35: "What is missing between an outbox and an inbox is found and named.",
    36: "Older and newer readers and events live together.",
    37: "Nothing that was not delivered is removed.",
    38: "A jump of the clock fires nothing twice.",
    39: "After every fault all comes to rest, and each failpoint was reached.",
    40: "What is made over HTTP is made once for each key, and nothing is changed that its caller has not seen.",
    41: "What is asked of Stripe happens once, whoever dies in between.",
    42: "What Stripe tells counts once, if Stripe told it now; what never arrived is found.",
    43: "The ledger's sum is zero at every instant, and a settlement keeps to its states.",
    45: "A webhook tells its program once, signed, by its schedule, and stops when it is told so.",
    46: "No route tells or changes what belongs to another organisation.",
    47: "PostgreSQL keeps organisations apart where a query forgets to.",
    48: "A role does what it may, on every route, and nothing else.",
    49: "A session cannot be planted, is new at each sign-in, and is over everywhere at once.",
    50: "No other site can act in a member's name.",
    51: "A link in a letter opens one session, once, and no scanner takes it.",
    52: "Guessing passwords is slowed across processes, whatever address is pretended.",
    53: "No webhook leads to an address that is not everybody's, whatever its name stands for.",
    55: "What people type is text everywhere: in pages, letters, searches, subjects and headers.",
    56: "A service's key at the broker is good for its own work only, and nobody enters without one.",
    57: "A role of PostgreSQL is good for its own work only.",
    58: "No secret is in a log, an argument, an environment, an error, a trace or a metric.",
    59: "Every privileged action leaves a line that nobody can change.",
    60: "Who asks is given all that is kept about them, and erased without a trace of who they were.",
    61: "What is installed is known by its hash, listed, and audited in earnest.",
    62: "Every answer carries its protecting headers, and no error tells of the inside.",
}

# Shown by a fault of `boucle chaos`, whose run is tests/faults/test_chaos.py.
FAULTS = {
    1: ("kill at outbox.recorded@catalog", "kill at http.before_commit@catalog"),
    2: ("kill at http.after_commit@catalog", "kill PostgreSQL", "kill NATS"),
    4: ("kill at relay.published@catalog", "kill at relay.published@matching"),
    5: ("cut NATS", "freeze NATS"),
    7: (
        "kill at consumer.foretold@matching",
        "kill at consumer.applied@matching",
        "kill at consumer.committed@matching",
    ),
    8: ("kill PostgreSQL", "cut PostgreSQL"),
    9: ("duplicate storm",),
    10: ("old events again, out of order",),
    11: ("poison: not JSON", "poison: unknown schema", "poison: unknown major", "a handler raises"),
    14: ("a slow consumer",),
    16: ("kill NATS", "black hole before NATS"),
    18: ("the disk of NATS is full",),
    19: ("the disk of PostgreSQL is full",),
    24: ("kill PostgreSQL", "kill a back-end"),
    25: ("freeze PostgreSQL", "freeze NATS", "black hole before PostgreSQL"),
    36: ("poison: unknown major",),
    39: ("kill at relay.marked@matching", "kill at consumer.acknowledged@notifications"),
}

# Told by `boucle chaos-long`: too long for every run of the tests.
LONG = {story.name: story.promises for story in STORIES}

# Not shown by anything yet; a promise that is kept leaves this list, and none may join it.
OPEN: frozenset[int] = frozenset()


def shown() -> dict[int, list[str]]:
    """Per promise the tests that are marked with it, as `path::name`."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in _numbers(node):
                    found[number].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def _numbers(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[int]:
    marks = [each for each in test.decorator_list if isinstance(each, ast.Call)]
    marks = [each for each in marks if ast.unparse(each.func) == "pytest.mark.promise"]
    return [ast.literal_eval(argument) for each in marks for argument in each.args]


def table() -> str:
    """The page: one line a promise."""
    tests, lines = shown(), []
    for number, promise in PROMISES.items():
        ways = [f"`{each}`" for each in tests.get(number, ())]
        ways += [f"rig: {each}" for each in FAULTS.get(number, ())]
        ways += [f"long: {name}" for name, promises in LONG.items() if number in promises]
        lines.append(f"| {number} | {promise} | {'<br>'.join(ways) or 'not shown yet'} |")
    head = (
        "# Promises\n\nWhat Boucle promises about reliability and security, and what shows it:\n"
        "tests, faults of the rig (`make chaos`), and long faults (`make chaos-long`).\n"
    )
    made = "Made by `python -m tests.promises`; a test fails when this page is older than the tests.\n"
    return "\n".join([head, made, "| | promise | shown by |", "|---|---|---|", *lines, ""])


if __name__ == "__main__":
    sys.stdout.write(f"{TABLE.write_text(table())} characters\n")
