"""`boucle learn` on a market whose true weights are known: it comes nearer to them, and nothing fools it."""

import random
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from click.testing import CliRunner, Result
from msgspec.structs import replace as with_changed

from deploy.cli import learn as command
from deploy.cli.main import cli
from deploy.learning.candidate import TooFewAnswers, calibrated, candidate, read_candidate, wanted
from deploy.learning.comparing import compare, points
from deploy.learning.fitting import learnt
from deploy.learning.lines import Case, Line, cases, read, since, split, write
from deploy.learning.report import refusals
from services.matching.learning.answers import Answer
from services.matching.ranking.weights import released, table_of
from shared.events.reasons import Feature
from tests.deploy.simulated import TRUTH, Market, table, to_everybody, to_the_near_and_known

BEGINNING = released().points
# Where nobody's liking for answering hides behind who is asked.
PLAIN = Market(weeks=40)
# Who answers gladly is not measured, and is asked from far away.
HIDDEN = Market(weeks=40, unmeasured=3.0)


def away(found: Mapping[Feature, float]) -> float:
    """How many points stand elsewhere than in the truth."""
    return sum(abs(found[each] - TRUTH[each]) for each in Feature) / 2


@pytest.fixture(scope="module")
def plain() -> list[Line]:
    return PLAIN.lines(to_everybody)


@pytest.fixture(scope="module")
def hidden() -> list[Line]:
    return HIDDEN.lines(to_the_near_and_known)


def test_what_is_learnt_is_nearer_to_the_truth_than_the_beginning(plain: list[Line]) -> None:
    found = learnt(cases(plain), BEGINNING)
    assert away(found) < 0.5 * away(BEGINNING)
    assert min(found.values()) >= 0
    assert sum(found.values()) == pytest.approx(100)
    assert all(value == round(value, 1) for value in found.values())


def test_whoever_chose_who_was_asked_fools_it_only_without_propensities(hidden: list[Line]) -> None:
    """INVARIANT: the near were asked anyway, and of the far those who answer gladly; distance matters all the same."""
    told = cases(hidden)
    by_log, as_seen = learnt(told, BEGINNING), learnt(told, BEGINNING, propensity=lambda _line: 1.0)
    true, began = TRUTH[Feature.DISTANCE], BEGINNING[Feature.DISTANCE]
    assert abs(as_seen[Feature.DISTANCE] - began) < 1, "clicks alone say that distance is right as it was"
    assert true - by_log[Feature.DISTANCE] < 0.7 * (true - began)
    assert away(by_log) < away(as_seen)


def answered(lines: Iterable[Line], *reasons: str | None) -> list[Line]:
    """The same market where whoever did not come forward declined, for these reasons in turn."""
    yes = {Answer.INTERESTED, Answer.PROPOSED, Answer.ACCEPTED}
    return [
        with_changed(line, answer=Answer.INTERESTED)
        if line.answer in yes
        else with_changed(line, answer=Answer.DECLINED, reason=reasons[number % len(reasons)])
        for number, line in enumerate(each for each in lines if each.asked)
    ]


def test_too_far_moves_the_distance_only(plain: list[Line]) -> None:
    """INVARIANT: a reason teaches what it speaks of: the shares of all other features among themselves stay."""
    found = learnt(cases(answered(plain, "too_far")), BEGINNING)
    assert found[Feature.DISTANCE] > BEGINNING[Feature.DISTANCE] + 2
    others = {each: BEGINNING[each] / (100 - BEGINNING[Feature.DISTANCE]) for each in Feature}
    for feature in set(Feature) - {Feature.DISTANCE}:
        shared = others[feature] * (100 - found[Feature.DISTANCE])
        assert found[feature] == pytest.approx(shared, abs=0.11), "tenths of a point"
    for_no_reason = learnt(cases(answered(plain, None)), BEGINNING)
    assert for_no_reason[Feature.CATEGORY] < found[Feature.CATEGORY] - 4


def test_a_price_and_a_full_diary_teach_nothing(plain: list[Line]) -> None:
    assert learnt(cases(answered(plain, "price", "no_time")), BEGINNING) == BEGINNING


def test_the_same_answers_give_the_same_bytes_in_any_order(plain: list[Line]) -> None:
    shuffled = random.Random(3).sample(plain, k=len(plain))
    assert candidate(cases(plain), released()) == candidate(cases(shuffled), released())


def test_held_out_weeks_are_the_last_and_never_learnt_from(plain: list[Line]) -> None:
    """INVARIANT: what a table is held against is later than all that it was learnt from."""
    taught, held = split(cases(plain))
    assert max(case.week for case in taught) < min(case.week for case in held)
    assert len({case.week for case in held}) == 10
    written = candidate(cases(plain), released())
    others = [with_changed(line, answer=None, reason=None) for case in held for line in case.all]
    kept = [line for case in taught for line in case.all]
    after, began_with, last = read_candidate(written)
    assert (began_with, last) == (released().version, taught[-1].week)
    assert learnt(cases(kept), BEGINNING) == after.points
    assert since(cases([*kept, *others]), last) == cases(others)


def test_a_better_and_as_fair_table_is_to_be_promoted(plain: list[Line]) -> None:
    written = candidate(cases(plain), released())
    found = compare(split(cases(plain))[1], released(), table_of(written))
    assert found.ndcg.low > 0
    assert refusals(found) == []


def test_a_less_fair_table_is_refused_however_good(concentrated: list[Case]) -> None:
    """INVARIANT: better is not enough: what lets the same few be shown again and again is not promoted."""
    favouring = table({**BEGINNING, Feature.SOCIAL: 39, Feature.CATEGORY: 0})
    found = compare(concentrated, table(BEGINNING), favouring)
    assert found.ndcg.low > 0
    assert found.is_better
    assert not found.is_as_fair
    assert any("less fair: Gini rises" in said for said in refusals(found))


@pytest.fixture(scope="module")
def concentrated() -> list[Case]:
    """A market where the truth is who one is, so that the same suppliers fit best each time."""
    market = replace(PLAIN, weeks=12, truth={**dict.fromkeys(Feature, 0.0), Feature.SOCIAL: 100.0})
    of_supplier: dict[Any, float] = {}
    chance, found = random.Random(5), list[Line]()
    for line in market.lines(to_everybody):
        own = of_supplier.setdefault(line.organisation, chance.random() ** 2)
        said = Answer.ACCEPTED if own > 0.5 else Answer.DECLINED
        found.append(
            with_changed(line, measures={**line.measures, Feature.SOCIAL: own}, answer=said if line.asked else None)
        )
    return cases(found)


def test_a_worse_table_is_refused(plain: list[Line]) -> None:
    worse = table({**BEGINNING, Feature.CATEGORY: 4, Feature.FRESHNESS: 33})
    found = compare(split(cases(plain))[1], released(), worse)
    assert found.ndcg.high < 0
    assert any("may be chance, or worse" in said for said in refusals(found))


def test_too_few_answers_say_how_many_are_wanted() -> None:
    few = cases(Market(weeks=3, demands=5).lines(to_everybody))
    with pytest.raises(TooFewAnswers, match="wanted are 200 answers, 4 weeks and 30 such demands"):
        wanted(few)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["learn", *words])


@pytest.fixture(scope="module")
def file(plain: list[Line], tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = tmp_path_factory.mktemp("lines") / "lines.jsonl"
    write(kept, plain)
    return kept


def test_a_file_of_lines_is_read_as_it_was_written(file: Path, plain: list[Line]) -> None:
    assert read(file) == plain


def test_the_command_writes_a_candidate_and_a_report_for_people(file: Path, tmp_path: Path) -> None:
    answer = run("--data", str(file), "--out", str(tmp_path))
    assert answer.exit_code == 0, answer.output
    (written,), (told,) = tmp_path.glob("weights-*.toml"), tmp_path.glob("report-*.md")
    after, *_ = read_candidate(written.read_text(encoding="utf-8"))
    assert after.version.startswith(f"{released().version}+")
    said = told.read_text(encoding="utf-8")
    for words in ("**Promote.**", "nDCG@10", "MRR", "calibration error", "Gini", "never among them", "held out"):
        assert words in said
    assert said in answer.output


def test_the_command_says_that_too_few_answered(tmp_path: Path) -> None:
    write(tmp_path / "few.jsonl", Market(weeks=3, demands=5).lines(to_everybody))
    answer = run("--data", str(tmp_path / "few.jsonl"), "--out", str(tmp_path / "out"))
    assert answer.exit_code == 1
    assert "wanted are 200 answers" in answer.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("line", ["{", '{"demand": 3}'])
def test_a_line_that_is_none_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text(f"\n{line}\n")
    answer = run("--data", str(tmp_path / "bad.jsonl"))
    assert answer.exit_code == 1
    assert "bad.jsonl, line 2" in answer.output


def test_what_a_candidate_says_of_itself_decides_nothing(plain: list[Line]) -> None:
    """INVARIANT: promoting holds it against the weeks after those it learnt from, again."""
    written = candidate(cases(plain), released())
    assert command._checked(written, plain, released()) == table_of(written).version
    worse = written.replace("category = ", "category = 0.0 # ").replace("freshness = ", "freshness = 26.1 # ")
    shifted = _hundred(worse)
    with pytest.raises(ClickException, match="may be chance, or worse"):
        command._checked(shifted, plain, released())
    with pytest.raises(ClickException, match=r"is in force\. Learn again"):
        command._checked(written, plain, replace(released(), version="2026-11-27+00000000"))
    with pytest.raises(ClickException, match="it does not say where it comes from"):
        command._checked(written.split("[provenance]")[0], plain, released())
    early = [line for case in split(cases(plain))[0] for line in case.all]
    with pytest.raises(ClickException, match="0 demands after"):
        command._checked(written, early, released())


def _hundred(written: str) -> str:
    """The same file with freshness taking up what is short of a hundred."""
    points = tomllib.loads(written)["points"]
    rest = 100 - sum(value for name, value in points.items() if name != "freshness")
    return written.replace("freshness = 26.1", f"freshness = {rest:.1f}")


def test_points_are_those_of_the_ranking(plain: list[Line]) -> None:
    line = next(line for line in plain if Feature.CODE not in line.measures)
    whole = sum(BEGINNING[each] for each in line.measures)
    expected = 100 * sum(BEGINNING[each] * value for each, value in line.measures.items()) / whole
    assert points(line, released()) == round(expected)


def test_the_released_curve_is_the_one_that_the_judged_set_gives() -> None:
    """INVARIANT: the score shown is fitted by a command that anybody can run again, not set by hand."""
    assert list(calibrated(released(), BEGINNING)) == list(released().curve)
