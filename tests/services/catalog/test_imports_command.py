"""`boucle import` as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.data_folder import PROJECT
from deploy.embedded.engines import Engines
from tests.services.catalog.conftest import SIRETS

ROWS = f"N° SIRET;Dénomination;Ville;Couleur\n{SIRETS[0]};L'Atelier;31000 Toulouse;bleu\n123;Faux;Toulouse;\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "structures.csv"
    path.write_bytes(ROWS.encode("cp1252"))
    return path


@pytest.fixture
def settings(engines: Engines, tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(engines.instance.settings("catalog")))
    return {"BOUCLE_CATALOG_SETTINGS": str(path)}


def boucle(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "import", *words],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=os.environ | {"COLUMNS": "200"} | environment,
        check=False,
        timeout=60,
    )


def test_a_dry_run_prints_counts_and_every_refused_row_as_json(rows: Path, settings: dict[str, str]) -> None:
    done = boucle("organisations", str(rows), "--dry-run", "--json", **settings)
    report = json.loads(done.stdout)
    assert done.returncode == 1, "a refused row is no success"
    assert (report["read"], report["created"], report["dry_run"]) == (2, 1, True)
    (refused,) = report["refused"]
    assert (refused["line"], refused["typed"]) == (3, {"siret": "123"})
    assert report["ignored_columns"] == ["Couleur"]


def test_a_file_without_its_columns_is_refused_in_words(rows: Path, settings: dict[str, str]) -> None:
    done = boucle("needs", str(rows), **settings)
    assert done.returncode == 1
    assert "Il manque la colonne « external_id »" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_where_boucle_never_ran_is_refused_in_words(rows: Path, tmp_path: Path) -> None:
    done = boucle("organisations", str(rows), "--data", str(tmp_path / "none"))
    assert done.returncode == 1
    assert "Boucle never ran" in done.stderr


def test_a_mapping_without_a_heading_is_refused(rows: Path) -> None:
    done = boucle("organisations", str(rows), "--map", "naf")
    assert done.returncode == 2
    assert 'field="Column title"' in done.stderr
