"""`boucle learn` and `boucle rematch` on a running instance: what is read, what is put in force, and the way back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import structlog
from click.testing import CliRunner, Result

from deploy.cli.main import cli
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from deploy.learning.candidate import candidate
from deploy.learning.lines import Line, cases, read, split, write
from services.matching.ranking.weights import put_in_force, released, table_of
from shared.messaging.worker import asyncpg_dsn
from tests.deploy.simulated import Market, to_everybody

MARKET = Market(weeks=24)


class Place:
    """The running instance and the command line on it."""

    def __init__(self, options: list[str]) -> None:
        self.folder = options[1]
        instance = known_instance(DataFolder(Path(self.folder)))
        assert instance is not None
        self.address = asyncpg_dsn(instance.admin_database_url("matching"))

    def learn(self, *words: str) -> Result:
        return CliRunner().invoke(cli, ["learn", "--folder", self.folder, *words])

    def rematch(self) -> Result:
        return CliRunner().invoke(cli, ["rematch", "--data", self.folder, "--pause", "0"])

    def versions(self) -> list[str]:
        return [row["version"] for row in self.sql("SELECT version FROM weight_tables ORDER BY promoted_at")]

    def sql(self, statement: str) -> list[asyncpg.Record]:
        async def execute() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.address, ssl=False)
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return asyncio.run(execute())


@pytest.fixture
def at(running: list[str]) -> Iterator[Place]:
    before, place = structlog.get_config(), Place(running)
    place.sql("DELETE FROM weight_tables")
    yield place
    place.sql("DELETE FROM weight_tables")
    put_in_force(None)
    structlog.configure(**before)


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return MARKET.lines(to_everybody)


@pytest.fixture(scope="module")
def written(lines: list[Line]) -> str:
    return candidate(cases(lines), released())


def test_a_database_without_answers_says_so_and_gives_its_lines(at: Place, tmp_path: Path) -> None:
    answer = at.learn("--out", str(tmp_path / "out"), "--keep-lines", str(tmp_path / "lines.jsonl"))
    assert answer.exit_code == 1
    assert "wanted are 200 answers" in answer.output
    assert read(tmp_path / "lines.jsonl") == []


def test_a_candidate_is_put_in_force_once_and_the_released_table_again(
    at: Place, lines: list[Line], written: str, tmp_path: Path
) -> None:
    data, file, version = tmp_path / "lines.jsonl", tmp_path / "candidate.toml", table_of(written).version
    write(data, lines)
    file.write_text(written, encoding="utf-8")
    answer = at.learn("--data", str(data), "--promote", str(file))
    assert answer.exit_code == 0, answer.output
    assert f"{version} is in force from the next start" in answer.output
    assert at.versions() == [version]
    assert f"matched by {version}." in at.rematch().output
    again = at.learn("--data", str(data), "--promote", str(file))
    assert again.exit_code == 1
    assert f"it began with {released().version}, and {version} is in force" in again.output
    back = at.learn("--promote", "released")
    assert back.exit_code == 0, back.output
    assert at.versions() == [version, released().version]
    assert f"matched by {released().version}." in at.rematch().output


def test_what_is_not_better_is_refused_with_its_reason(
    at: Place, lines: list[Line], written: str, tmp_path: Path
) -> None:
    """INVARIANT: answers that came since say nothing for it, so nothing is written."""
    _, held = split(cases(lines))
    silent = [line for case in held for line in case.all]
    data, file = tmp_path / "lines.jsonl", tmp_path / "candidate.toml"
    write(data, silent[: len(silent) // 8])
    file.write_text(written, encoding="utf-8")
    answer = at.learn("--data", str(data), "--promote", str(file))
    assert answer.exit_code == 1
    assert "Not promoted" in answer.output
    assert at.versions() == []


def test_a_file_that_is_not_there_is_named(at: Place) -> None:
    answer = at.learn("--promote", "nowhere.toml")
    assert answer.exit_code == 2
    assert "nowhere.toml" in answer.output
