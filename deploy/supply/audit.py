"""`python -m deploy.supply.audit`: are known weaknesses in what we use? Says no only when everything was looked up.

The tools end well when they could look nothing up: a package that a service does not know is skipped, and one that
answers everything with nothing finds nothing. So every locked package must be among those that were audited, and a
package that is known to be weak must be found weak by the same service in the same run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from deploy.embedded.data_folder import PROJECT
from deploy.frontend import find_npm
from deploy.supply.locks import PYTHON_LOCKS, canonical, npm_packages, python_packages

# Old, and weak beyond doubt: CVE-2019-10906; CVE-2016-10531.
KNOWN_WEAK_PYTHON = "jinja2==2.10\n"
KNOWN_WEAK_NPM = {"name": "marked", "version": "0.3.5"}
WITHIN_S = 300


@dataclass
class Verdict:
    """One audit: good only when it looked everything up and found nothing."""

    about: str
    locked: int
    audited: int = 0
    weaknesses: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Everything was audited and nothing found."""
        return self.locked > 0 and self.audited >= self.locked and not self.weaknesses and not self.troubles

    def __str__(self) -> str:
        words = f"{self.about}: {self.audited} of {self.locked} packages audited"
        lines = [words, *(f"  weak: {each}" for each in self.weaknesses), *(f"  {each}" for each in self.troubles)]
        return "\n".join(lines)


def main() -> None:
    """Audit both locks; what follows is given to pip-audit (`--vulnerability-service osv`)."""
    verdicts = [audit_python(options=sys.argv[1:]), audit_npm()]
    for verdict in verdicts:
        sys.stdout.write(f"{verdict}\n")
    if not all(each.is_good for each in verdicts):
        sys.stdout.write("Not audited, or weak: see above.\n")
        sys.exit(1)


def audit_python(locks: Sequence[Path] = PYTHON_LOCKS, *, options: Sequence[str] = ()) -> Verdict:
    """Ask pip-audit about every package of the locks that this platform installs."""
    wanted = {each.name for each in python_packages(*locks) if not each.marker or Marker(each.marker).evaluate()}
    verdict = Verdict("Python", len(wanted))
    with tempfile.TemporaryDirectory() as place:
        weak = Path(place) / "known-weak.txt"
        weak.write_text(KNOWN_WEAK_PYTHON)
        for lock in locks:
            answer = _pip_audit(verdict, Path(place), ["--require-hashes", "-r", str(lock)], options)
            wanted -= judge_python(verdict, answer)
        canary = Verdict("", 1)
        judge_python(canary, _pip_audit(verdict, Path(place), ["--no-deps", "-r", str(weak)], options))
    if wanted:
        verdict.troubles.append(_some("not looked up", sorted(wanted)))
    _hear(verdict, canary)
    return verdict


def _pip_audit(verdict: Verdict, place: Path, what: list[str], options: Sequence[str]) -> Any:
    # A cache of its own: what was true yesterday is not an answer.
    how = ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--cache-dir", str(place / "cache")]
    return _answer(verdict, [sys.executable, "-m", "pip_audit", *how, *what, *options], PROJECT)


def judge_python(verdict: Verdict, answer: Any) -> set[str]:
    """Count what pip-audit's JSON says was looked up; returns those names."""
    dependencies = answer.get("dependencies", []) if isinstance(answer, dict) else []
    audited = {canonical(each["name"]): each["vulns"] for each in dependencies if "vulns" in each}
    verdict.audited += len(audited)
    verdict.weaknesses += [f"{name} {weak['id']}" for name, found in audited.items() for weak in found]
    return set(audited)


def audit_npm(lock_folder: Path = PROJECT, *, options: Sequence[str] = ()) -> Verdict:
    """Ask npm about every package of package-lock.json."""
    verdict, canary = Verdict("npm", len(npm_packages(lock_folder / "package-lock.json"))), Verdict("", 1)
    judge_npm(verdict, _npm_audit(verdict, lock_folder, options))
    with tempfile.TemporaryDirectory() as place:
        _write_known_weak(Path(place))
        judge_npm(canary, _npm_audit(verdict, Path(place), options))
    _hear(verdict, canary)
    return verdict


def _npm_audit(verdict: Verdict, folder: Path, options: Sequence[str]) -> Any:
    npm, node = find_npm()
    path = os.pathsep.join((str(node), os.environ.get("PATH", os.defpath)))
    return _answer(verdict, [*npm, "audit", "--json", "--package-lock-only", *options], folder, PATH=path)


def judge_npm(verdict: Verdict, answer: Any) -> None:
    """Count what npm's JSON says it looked at; an answer without a count is none."""
    counts = answer.get("metadata", {}).get("dependencies", {}) if isinstance(answer, dict) else {}
    if "vulnerabilities" not in (answer or {}) or "total" not in counts:
        said = answer.get("message", "") if isinstance(answer, dict) else ""
        verdict.troubles.append(f"npm audited nothing: {said}".rstrip(": "))
        return
    verdict.audited += int(counts["total"])
    verdict.weaknesses += [f"{name} {weak.get('severity', '')}" for name, weak in answer["vulnerabilities"].items()]


def _write_known_weak(place: Path) -> None:
    name, version = KNOWN_WEAK_NPM["name"], KNOWN_WEAK_NPM["version"]
    root = {"name": "known-weak", "version": "1.0.0", "dependencies": {name: version}}
    packages = {"": root, f"node_modules/{name}": {"version": version}}
    (place / "package.json").write_text(json.dumps(root))
    lock = {"name": "known-weak", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (place / "package-lock.json").write_text(json.dumps(lock))


def _hear(verdict: Verdict, canary: Verdict) -> None:
    if not canary.weaknesses:
        verdict.troubles.append("the service does not know a weakness that everybody knows: its silence means nothing")


def _answer(verdict: Verdict, command: list[str], folder: Path, **environment: str) -> Any:
    """The tool's JSON; None, and a trouble, when it gave none."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            timeout=WITHIN_S,
            env=os.environ | environment,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        verdict.troubles.append(f"no answer within {WITHIN_S} s")
    except ValueError:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        verdict.troubles.append(f"no answer: {said[:300]}")
    return None


def _some(words: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{words}: {shown}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"


if __name__ == "__main__":
    main()
