"""`boucle evaluate`: its JSON, what it skips, its judged set, and the floors where the reading room is at hand."""

import csv
import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from deploy.cli.main import cli
from deploy.evaluation import everyday, judged, notices
from deploy.evaluation.corpus import demands, offers
from deploy.evaluation.everyday import with_slip
from deploy.evaluation.sets import EXCHANGES, NAMES, NOTICES, PRODUCTS, default_folder

KEYS = {
    "notices_fr": ["n", "group@5", "group@10"],
    "notices_en": ["n", "group@5", "group@10"],
    "everyday": ["n", "recall@1", "recall@5", "recall@10", "typo_recall@10"],
    "judged": [
        "n",
        "ndcg@10",
        "bm25_ndcg@10",
        "kappa",
        "mrr",
        "calibration_error",
        "near_miss_precision",
        "gini",
        "never_shown",
    ],
}
needs_the_room = pytest.mark.skipif(
    not (default_folder() / NOTICES).is_file(), reason="BOUCLE_DATA_DIR has no eval sets to measure with"
)


def write(path: Path, *rows: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def small_sets(tmp_path: Path) -> Path:
    """Sets of the same format as the reading room's, made up."""
    write(
        tmp_path / NOTICES,
        {"lang": "FR", "cpv_main": "90911200", "title": "Nettoyage des bureaux de la mairie"},
        {"lang": "EN", "cpv_main": "55500000", "title": "School catering"},
    )
    write(tmp_path / PRODUCTS, {"product": "Tondeuse"}, {"product": "Vaisselle"})
    write(tmp_path / NAMES, {"query": "Assiettes creuses", "product": "Vaisselle"})
    return tmp_path


def run(*arguments: str) -> tuple[dict[str, dict[str, float]], str]:
    answer = CliRunner().invoke(cli, ["evaluate", "--json", *arguments])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout), answer.stderr


def test_the_json_has_every_figure_by_its_name(small_sets: Path) -> None:
    figures, said = run("--data", str(small_sets), "--set", "notices_fr,notices_en,everyday,judged")
    assert {name: list(each) for name, each in figures.items()} == KEYS
    assert figures["notices_fr"] == {"n": 1, "group@5": 1.0, "group@10": 1.0}
    assert figures["everyday"]["recall@1"] == 1.0
    assert said == ""


def test_a_set_that_is_missing_is_skipped_by_its_name(small_sets: Path) -> None:
    (small_sets / NAMES).unlink()
    figures, said = run("--data", str(small_sets), "--set", "notices_fr,everyday,sectors")
    assert figures.keys() == {"notices_fr"}
    assert "everyday skipped" in said
    assert NAMES in said
    assert "sectors skipped" in said
    assert EXCHANGES in said


def test_a_set_that_nobody_knows_is_refused() -> None:
    answer = CliRunner().invoke(cli, ["evaluate", "--set", "moon"])
    assert answer.exit_code == 2
    assert "moon" in answer.output


def test_people_read_a_table_with_intervals(small_sets: Path) -> None:
    answer = CliRunner().invoke(cli, ["evaluate", "--data", str(small_sets), "--set", "notices_fr"])
    assert "group@10" in answer.output
    assert "1.000 to 1.000" in answer.output


def test_a_slip_changes_one_long_word_by_one_letter_at_most() -> None:
    random = Random(1)
    for _ in range(50):
        written = "vieux canapé convertible en cuir"
        changed = list(zip(written.split(), with_slip(written, random).split(" "), strict=True))
        different = [(was, now) for was, now in changed if was != now]
        assert len(different) <= 1
        assert all(len(was) >= 5 and abs(len(was) - len(now)) <= 1 for was, now in different)
    assert with_slip("bol", random) == "bol"


def test_equals_share_their_places() -> None:
    """INVARIANT: no order of the file helps; among four equals each is first one time in four."""
    assert everyday.Place(0, 3).within(1) == pytest.approx(0.25)
    assert everyday.Place(0, 3).within(5) == 1.0
    assert everyday.Place(10, 0).within(10) == 0.0
    assert everyday.Place(9, 1).within(10) == pytest.approx(0.5)


def test_the_judged_set_is_large_enough_and_every_pair_exists() -> None:
    needs, supplies = {each.number for each in demands()}, {each.number for each in offers()}
    pairs = judged.read_grades().pairs
    assert len(needs) >= 120
    assert len(supplies) >= 600
    assert {need for need, _ in pairs} == needs
    assert {offer for _, offer in pairs} <= supplies
    assert {grade for both in pairs.values() for grade in both} == {0, 1, 2, 3}


def test_the_judged_corpus_is_the_same_each_time() -> None:
    once, again = offers(), offers()
    assert [each.side for each in once] == [each.side for each in again]


def test_a_pair_that_nobody_judged_does_not_fit() -> None:
    assert judged.read_grades().of("n001", "o999") == 0


def test_the_ranking_is_well_above_bm25_on_the_judged_set() -> None:
    figures = judged.measure(Path()).values()
    assert figures["ndcg@10"] - figures["bm25_ndcg@10"] >= 0.08
    assert figures["kappa"] >= 0.6


def test_a_score_says_how_many_fit_also_where_it_was_not_fitted() -> None:
    """Most are low, as most matches do not fit; the error is that of the demands that a curve has not seen."""
    figures = judged.measure(Path())
    assert figures.values()["calibration_error"] <= 0.05
    assert figures.beside["calibration_error, 5 folds"] <= 0.05


@pytest.mark.data
@needs_the_room
def test_the_floors_hold_on_the_sets_of_the_reading_room() -> None:
    folder = default_folder()
    assert notices.measure(folder, "fr").values()["group@10"] >= 0.60
    names = everyday.measure(folder).values()
    assert names["recall@10"] >= 0.66
    assert names["recall@1"] >= 0.40
    assert names["typo_recall@10"] >= 0.55
