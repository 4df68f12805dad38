"""The real instance tells whoever runs it how it is, and tells nobody its secrets."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.bench.person import Person
from deploy.bench.stage import Stage, stage
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.signals import TARGETS, signal_ports
from shared.observability.metrics import PREFIX
from tests.deploy.running_house import descendants, shown
from tests.waiting import holds

CANARY = "canary-7d41e9c2"
PATHS = ("/livez", "/readyz", "/startupz", "/metrics")
PROCESSES = {"services", "matching-worker", "supervisor"}
# Made up for this test, and what each stands for.
WRONG_PASSWORD, SMTP_PASSWORD = f"{CANARY}-wrong", f"{CANARY}-smtp"
# What `Person` signs up with.
PASSWORD = "cheval agrafe pile"
BODY = f"{CANARY} in a body"


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[Stage]:
    async with stage() as standing:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BOUCLE_FAULTS", str(standing.folder / "faults"))
            folder = DataFolder(standing.folder)
            folder.create()
            (folder.root / "faults").mkdir()
            settings = {"smtp_url": f"smtp://boucle:{SMTP_PASSWORD}@127.0.0.1:9"}
            (folder.settings / "notifications.json").write_text(json.dumps(settings))
            await standing.start()
            await standing.ready()
            yield standing


@pytest.fixture(scope="module")
def targets(house: Stage) -> dict[str, str]:
    """The address of each process's signals, as Prometheus finds it."""
    groups = json.loads((house.folder / TARGETS).read_text())
    return {each["labels"]["process"]: f"http://{each['targets'][0]}" for each in groups}


async def test_every_process_says_that_it_is_alive_ready_and_started(targets: dict[str, str]) -> None:
    assert targets.keys() == PROCESSES

    async def check() -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            for process, url in targets.items():
                for path in PATHS:
                    answer = await client.get(f"{url}{path}")
                    assert answer.status_code == 200, (process, path, answer.text)

    await holds(check)


async def test_what_is_measured_is_there(targets: dict[str, str]) -> None:
    async def check() -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            scraped = {process: samples((await client.get(f"{url}/metrics")).text) for process, url in targets.items()}
        services, worker, supervisor = (scraped[each] for each in ("services", "matching-worker", "supervisor"))
        for process, service in ((services, "catalog"), (worker, "matching"), (services, "notifications")):
            assert process["relay_is_leader", service] == 1
            assert ("outbox_unpublished", service) in process
        for name in ("nats_healthy", "nats_sync_always", "postgres_durable"):
            assert supervisor[name, "supervisor"] == 1
        assert ("consumer_pending", "supervisor", "CATALOG.matching") in supervisor
        assert supervisor["stream_bytes", "supervisor", "CATALOG"] > 0
        assert worker["event_loop_lag_seconds_count",] > 0
        assert ("match_latency_seconds_count", "matching") in worker

    # a house that just opened has led, asked and measured nothing yet
    await holds(check)


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Values by the name without its prefix, then by the service and the other labels' values."""
    found = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            service = (each.labels.pop("service"),) if "service" in each.labels else ()
            found[each.name.removeprefix(f"{PREFIX}_"), *service, *each.labels.values()] = each.value
    return found


async def test_the_pages_address_leads_to_none_of_it(house: Stage) -> None:
    """INVARIANT: who can open a page cannot read a metric."""
    async with httpx.AsyncClient(base_url=house.url) as client:
        for path in (
            "/metrics",
            "/matching/metrics",
            "/notifications/metrics",
            "/startupz",
            "/-/metrics",
            "/en/metrics",
        ):
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert f"{PREFIX}_" not in answer.text


def secrets_of(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Every secret of the instance, by the file that holds it."""
    for path in folder.secrets.iterdir():
        if path.name == "identity.jwks":
            continue  # public
        text = path.read_text().strip()
        if path.suffix == ".jwks":
            yield from ((path.name, key["d"]) for key in json.loads(text)["keys"])
        elif path.suffix == ".json":
            yield from ((path.name, each) for each in json.loads(text).values())
        else:
            yield path.name, text


def what_processes_show(pid: int) -> Iterator[tuple[str, str]]:
    """Command line and environment of a process and of all it started: any program of that user may read them."""
    for each in (pid, *descendants(pid)):
        for what in ("cmdline", "environ"):
            yield f"{what} of {each}", shown(each, what)


def what_was_logged(folder: DataFolder) -> Iterator[tuple[str, str]]:
    for path in folder.logs.iterdir():
        yield path.name, path.read_text(errors="replace")


async def live(house: Stage, faults: Path) -> tuple[list[httpx.Response], dict[str, str]]:
    """Sign up, sign in wrongly and rightly, post, and meet a mistake of ours; the answers, and the cookies given."""
    person, answers = Person(house.url), []
    await person.sign_up(4711, role="buyer", name="Canari", place="Toulouse")
    person._cookies.clear()
    del person.client.headers["x-csrf-token"]
    email = "personne4711@banc.boucle.invalid"
    for password in (WRONG_PASSWORD, PASSWORD):
        form = {"email": email, "password": password, "_csrf": await person.csrf("/sign-in")}
        answers.append(await person.client.post("/sign-in", data=form))
    person.client.headers["x-csrf-token"] = await person.csrf("/needs/new")
    need = {"title": BODY, "kind": "procurement", "description": BODY}
    for fault in (None, "http.before_commit@catalog"):
        if fault is not None:
            (faults / fault).write_text("raise")
        answers.append(await person.client.post("/api/v1/needs", json=need))
        answers.append(await person.client.post(f"/api/v1/needs?{CANARY}", content=b'{"title": ' + BODY.encode()))
    cookies = dict(person._cookies)
    await person.close()
    return answers, cookies


@pytest.mark.promise(58)
async def test_no_secret_is_in_logs_processes_error_pages_or_metrics(house: Stage, targets: dict[str, str]) -> None:
    """INVARIANT: whoever reads what Boucle says of itself learns nothing that opens a door."""
    folder = DataFolder(house.folder)
    answers, cookies = await live(house, house.folder / "faults")
    assert sorted({each.status_code for each in answers}) == [201, 303, 400, 422, 500]
    canaries = {
        "the canary": CANARY,
        "the password": PASSWORD,
        **{f"cookie {name}": value for name, value in cookies.items() if len(value) > 12},
        **dict(secrets_of(folder)),
    }
    assert len(canaries) > 18
    assert all(len(each) > 12 for each in canaries.values())
    async with httpx.AsyncClient(timeout=20) as client:
        shown = [(f"{url}{path}", (await client.get(url + path)).text) for url in targets.values() for path in PATHS]
    assert house._process is not None
    shown += what_was_logged(folder)
    shown += what_processes_show(house._process.pid)
    shown += [(f"answer {each.status_code}", each.text) for each in answers if each.is_server_error]
    assert any("request_failed" in text for _, text in shown)
    assert [(where, name) for where, text in shown for name, value in canaries.items() if value in text] == []


def test_the_ports_are_kept(house: Stage, targets: dict[str, str]) -> None:
    kept = signal_ports(DataFolder(house.folder))
    assert {process: f"http://127.0.0.1:{port}" for process, port in kept.items()} == targets
