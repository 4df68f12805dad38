"""What Boucle is made of is listed whole, known by its sums, and audited for real or not at all."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from deploy.embedded import genuine
from deploy.embedded.checks import Patient, examine
from deploy.embedded.data_folder import PROJECT, DataFolder
from deploy.embedded.engines import Engines
from deploy.embedded.genuine import ProgramChanged, here, programs
from deploy.supply import audit, bom
from deploy.supply.locks import (
    NPM_LOCK,
    PYTHON_LOCKS,
    LockBroken,
    canonical,
    npm_packages,
    python_packages,
)

SUM = "a" * 64
ONE = f"anyio==4.16.0 \\\n    --hash=sha256:{SUM}\n    # via httpx\n"
WEAK = {"id": "OSV-TEST-1", "summary": "weak", "aliases": [], "affected": []}


class Service:
    """A loopback service in the place of OSV's or of npm's: answers are made by `reply(path, question)`."""

    def __init__(self, reply: Callable[[str, Any], Any]) -> None:
        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                self._answer(json.loads(body))

            def do_GET(self) -> None:
                self._answer(None)

            def _answer(self, question: Any) -> None:
                said = json.dumps(reply(self.path, question)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, format: str, *_: object) -> None:
                """Nobody listens."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def service() -> Iterator[Callable[[Callable[[str, Any], Any]], str]]:
    opened: list[Service] = []

    def open_one(reply: Callable[[str, Any], Any]) -> str:
        opened.append(Service(reply))
        return opened[-1].url

    yield open_one
    for each in opened:
        each.server.shutdown()
        each.server.server_close()


@pytest.fixture
def one_package(tmp_path: Path) -> Path:
    lock = tmp_path / "requirements.lock"
    lock.write_text(ONE)
    return lock


def osv(url: str) -> tuple[str, ...]:
    return ("--vulnerability-service", "osv", "--osv-url", url, "--timeout", "3")


def weak_are(*names: str) -> Callable[[str, Any], Any]:
    return lambda _, question: {"vulns": [WEAK]} if question["package"]["name"] in names else {}


@pytest.mark.parametrize("line", ["anyio==4.16.0\n", f"anyio --hash=sha256:{SUM}\n", "anyio==4.16.0 --hash=md5:aa\n"])
@pytest.mark.promise(61)
def test_a_line_without_its_hash_breaks_the_lock(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(ONE + line)
    with pytest.raises(LockBroken, match="anyio"):
        python_packages(lock)


def test_an_npm_package_without_integrity_breaks_the_lock(tmp_path: Path) -> None:
    lock = json.loads(NPM_LOCK.read_text())
    del lock["packages"]["node_modules/htmx.org"]["integrity"]
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    with pytest.raises(LockBroken, match=r"htmx\.org"):
        npm_packages(tmp_path / "package-lock.json")


def test_locks_name_no_place_to_fetch_from() -> None:
    for lock in PYTHON_LOCKS:
        assert "://" not in lock.read_text()
        assert "--index" not in lock.read_text()
    packages = json.loads(NPM_LOCK.read_text())["packages"]
    assert not [place for place, entry in packages.items() if "resolved" in entry]
    assert "://" not in (PROJECT / ".npmrc").read_text()
    assert not [name for name in ("pip.conf", ".pypirc", "uv.toml") if (PROJECT / name).exists()]


@pytest.mark.promise(61)
def test_the_bill_lists_everything_with_its_hash() -> None:
    document = json.loads(bom.bill_of_materials())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    listed = {each["bom-ref"]: each for each in document["components"]}
    for name, version in bom.installed().items():
        assert listed[f"pypi:{name}"]["version"] == version
        assert listed[f"pypi:{name}"]["hashes"], name
    for locked in npm_packages():
        entry = listed[f"npm:{locked.name}@{locked.version}"]
        assert entry.get("hashes") or locked.within, locked
    servers = {each: listed[f"program:{each}"] for each in ("postgres", "nats-server")}
    assert servers["postgres"]["version"].startswith("18.")
    assert servers["nats-server"]["version"] == "2.15.1"
    assert all(each["hashes"][0]["alg"] == "SHA-256" for each in servers.values())


def test_what_no_lock_names_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    here = bom.installed()
    monkeypatch.setattr(bom, "installed", lambda: here | {"stranger": "1.0"})
    with pytest.raises(bom.Unlisted, match="stranger"):
        bom.bill_of_materials()


@pytest.mark.promise(61)
def test_an_audit_that_reaches_nobody_fails(one_package: Path) -> None:
    verdict = audit.audit_python([one_package], options=osv("http://127.0.0.1:9/"))
    assert (verdict.audited, verdict.is_good) == (0, False)
    assert "not looked up: anyio" in str(verdict)


@pytest.mark.promise(61)
def test_an_audit_that_hears_nothing_about_anything_fails(one_package: Path, service: Any) -> None:
    verdict = audit.audit_python([one_package], options=osv(service(lambda *_: {})))
    assert (verdict.audited, verdict.is_good) == (1, False)
    assert "its silence means nothing" in str(verdict)


def test_an_audit_that_looked_everything_up_is_good(one_package: Path, service: Any) -> None:
    verdict = audit.audit_python([one_package], options=osv(service(weak_are("jinja2"))))
    assert verdict.is_good, str(verdict)


@pytest.mark.promise(61)
def test_a_known_weakness_fails(one_package: Path, service: Any) -> None:
    verdict = audit.audit_python([one_package], options=osv(service(weak_are("jinja2", "anyio"))))
    assert verdict.weaknesses == ["anyio OSV-TEST-1"]
    assert not verdict.is_good


def test_what_was_skipped_was_not_audited() -> None:
    verdict = audit.Verdict("Python", 2)
    skipped = {"name": "anyio", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    assert audit.judge_python(verdict, {"dependencies": [skipped, {"name": "h11", "vulns": []}]}) == {"h11"}
    assert (verdict.audited, verdict.is_good) == (1, False)


def test_nothing_locked_is_nothing_audited() -> None:
    assert not audit.Verdict("Python", 0).is_good


def bulk(*weak: str) -> Callable[[str, Any], Any]:
    """npm's bulk answer, and what it then asks about each weak package and whoever depends on it."""

    def reply(path: str, question: Any) -> Any:
        if question is None:
            name = unquote(path.strip("/"))
            return {"name": name, "versions": {"0.3.5": {"name": name, "version": "0.3.5"}}}
        advisory = {"id": 1, "url": "", "title": "weak", "severity": "high", "vulnerable_versions": "*"}
        return {name: [advisory] for name in weak if name in question}

    return reply


@pytest.mark.parametrize(
    ("weak", "found", "is_good"),
    [(("marked",), [], True), ((), [], False), (("marked", "htmx.org"), ["htmx.org high"], False)],
)
@pytest.mark.promise(61)
def test_npm_s_answer_counts_only_when_it_knows_something(
    service: Any, weak: tuple[str, ...], found: list[str], is_good: bool
) -> None:
    verdict = audit.audit_npm(options=("--registry", service(bulk(*weak))))
    assert verdict.audited >= len(npm_packages())
    assert (verdict.weaknesses, verdict.is_good) == (found, is_good), str(verdict)


def test_npm_that_reaches_nobody_fails() -> None:
    verdict = audit.audit_npm(options=("--registry", "http://127.0.0.1:9/", "--fetch-retries", "0"))
    assert (verdict.audited, verdict.is_good) == (0, False)


def test_the_programs_are_those_that_were_recorded(place: Path) -> None:
    record = json.loads(genuine.RECORD.read_text())
    locked = {each.name: each.version for each in python_packages()}
    for platform in record["platforms"].values():
        for program in platform.values():
            wheel, _, version = program["wheel"].partition(" ")
            assert locked[canonical(wheel)] == version
    known = record["platforms"].get(here(), {})
    for program in programs(DataFolder(place)):
        assert known.get(program.name, {}).get("sha256", program.sha256()) == program.sha256()


@pytest.mark.promise(61)
async def test_a_changed_program_is_not_started_and_the_doctor_names_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(place / "data")
    changed = {
        each.name: {"wheel": f"{each.wheel} {each.version}", "says": "", "sha256": SUM} for each in programs(folder)
    }
    (place / "programs.json").write_text(json.dumps({"platforms": {here(): changed}}))
    monkeypatch.setattr(genuine, "RECORD", place / "programs.json")
    with pytest.raises(ProgramChanged, match="nats-server"):
        await Engines(folder).start()
    findings = await examine(Patient(folder, None, is_running=False))
    (said,) = [each for each in findings if each.about == "Programs' sums"]
    assert said.level == "wrong"
    assert "postgres" in said.words


async def test_a_platform_without_sums_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "programs.json").write_text('{"platforms": {}}')
    monkeypatch.setattr(genuine, "RECORD", place / "programs.json")
    findings = await examine(Patient(DataFolder(place / "data"), None, is_running=False))
    (said,) = [each for each in findings if each.about == "Programs' sums"]
    assert said.level == "warning"
