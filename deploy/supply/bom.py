"""`python -m deploy.supply.bom`: a bill of materials (CycloneDX 1.6, JSON) of everything that runs or builds Boucle."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions, version
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from deploy.embedded.data_folder import DataFolder
from deploy.embedded.genuine import Program, programs
from deploy.embedded.process import clean_environment
from deploy.supply.locks import Locked, canonical, npm_packages, python_packages

US = "boucle"


class Unlisted(ValueError):
    """Something is installed that no lock names, or the bill is not what its schema asks for."""


def main() -> None:
    """Print it."""
    sys.stdout.write(bill_of_materials() + "\n")


def bill_of_materials() -> str:
    """The document, checked against its schema and against what is installed here."""
    python, here = python_packages(), installed()
    if strangers := sorted(here.keys() - {each.name for each in python}):
        raise Unlisted(f"installed and in no lock: {', '.join(strangers)}")
    with tempfile.TemporaryDirectory() as empty:
        engines = [_engine(each) for each in programs(DataFolder(Path(empty)))]
    bom = Bom(
        components=[
            *(_python(each, is_here=each.name in here) for each in python),
            *map(_npm, npm_packages()),
            *engines,
        ]
    )
    bom.metadata.component = Component(name=US, version=version(US), type=ComponentType.APPLICATION)
    bom.register_dependency(bom.metadata.component, bom.components)
    document = JsonV1Dot6(bom).output_as_string(indent=2)
    if (error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(document)) is not None:
        raise Unlisted(f"not CycloneDX 1.6: {str(error)[:500]}")
    return document


def installed() -> dict[str, str]:
    """What this environment has, by canonical name, without Boucle itself."""
    found = {canonical(each.metadata["Name"]): each.version for each in distributions()}
    found.pop(US, None)
    return found


def _python(locked: Locked, *, is_here: bool) -> Component:
    return Component(
        name=locked.name,
        version=locked.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"pypi:{locked.name}",
        purl=PackageURL("pypi", None, locked.name, locked.version),
        # What another platform needs is locked here as well.
        scope=ComponentScope.REQUIRED if is_here else ComponentScope.OPTIONAL,
        hashes=_hashes(locked.hashes),
        properties=[Property(name="boucle:marker", value=locked.marker)] if locked.marker else (),
    )


def _npm(locked: Locked) -> Component:
    scope, _, name = locked.name.rpartition("/")
    return Component(
        name=name,
        group=scope or None,
        version=locked.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"npm:{locked.name}@{locked.version}",
        purl=PackageURL("npm", scope or None, name, locked.version),
        hashes=_hashes(locked.hashes),
        properties=[Property(name="boucle:within", value=locked.within)] if locked.within else (),
    )


def _engine(program: Program) -> Component:
    says = _says(program.path)
    return Component(
        name=program.name,
        version=says.split()[-1].removeprefix("v"),
        type=ComponentType.APPLICATION,
        bom_ref=f"program:{program.name}",
        description=says,
        hashes=_hashes((("SHA-256", program.sha256()),)),
        properties=[Property(name="boucle:wheel", value=f"{program.wheel} {program.version}")],
    )


def _hashes(sums: Iterable[tuple[str, str]]) -> Iterator[HashType]:
    return (HashType(alg=HashAlgorithm(algorithm), content=content) for algorithm, content in sums)


def _says(program: Path) -> str:
    asked = [str(program), "--version"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, env=clean_environment(), timeout=10)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
