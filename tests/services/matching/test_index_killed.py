"""A process that is killed while it tidies or writes its index: what is read after is whole, and nothing is lost."""

import asyncio
import random
import sys
from pathlib import Path

from services.matching.index.compiled import segments, snapshot
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.rules import rules_of
from services.matching.index.compiled.searching import Engine
from services.matching.ranking.reading import supply_of_offer
from services.matching.ranking.sides import Supply
from services.matching.ranking.weights import weights
from tests.services.matching.scenes import offer, random_place, supplier
from tests.services.matching.test_compiled import LOOSE, assert_agreement, random_demand

ROOT = Path(__file__).resolve().parents[3]
ROWS, KILLS = 48, 6
ROOM = (2, 4)  # so little that every other row merges tiers


def rows() -> list[Supply]:
    """The same in every process: the row that a change wrote is known by its number."""
    chance = random.Random(11)
    made = (supply_of_offer(offer(supplier=supplier(place=random_place(chance)))) for _ in range(ROWS))
    return [each.model_copy(update={"id": each.id.__class__(int=number + 1)}) for number, each in enumerate(made)]


def write(engine: Engine, supplies: list[Supply], change: int) -> None:
    """Change number `change`: its row comes, and the one from half a round before goes."""
    coming, going = supplies[change % ROWS], supplies[(change + ROWS // 2) % ROWS]
    engine.supplies.add(row_of_supply(coming, engine.numbering), tag=change)
    engine.supplies.remove(going.id)


def write_for_ever(folder: Path) -> None:
    """What the process that is killed does: rows come and go, packs are laid anew, and each change is kept on disk."""
    segments.ROOM = ROOM
    engine, supplies, change = Engine(rules_of(weights())), rows(), 0
    seen = snapshot.load(engine, folder, of="us", until=10**9)
    change = seen["supplies"] if seen else 0
    while True:
        change += 1
        write(engine, supplies, change)
        if change % 3 == 0:
            engine.supplies = engine.supplies.side_by_side()
        snapshot.save(engine, folder, {"supplies": change, "demands": 0}, of="us")
        sys.stdout.write(f"{change}\n")
        sys.stdout.flush()


async def kill_after(lines: int, folder: Path) -> None:
    """A process of its own writes so many snapshots, then dies in the midst of the next one."""
    code = f"from pathlib import Path; import {__name__} as here; here.write_for_ever(Path({str(folder)!r}))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    async with asyncio.timeout(180):
        for _ in range(lines):
            assert await process.stdout.readline()
        while not any(folder.parent.glob(f"{folder.name}.*")):
            await asyncio.sleep(0)
    process.kill()
    async with asyncio.timeout(60):
        await process.wait()


async def test_a_kill_while_it_repacks_or_writes_loses_nothing(tmp_path: Path) -> None:
    """The index on disk is the one before or the one after, whole; what came later is read from its number on."""
    folder, chance, supplies, last = tmp_path / "index", random.Random(4), rows(), 0
    loaded, standing = Engine(rules_of(LOOSE)), dict[object, int]()
    for _ in range(KILLS):
        snapshot.sweep(folder)
        await kill_after(chance.randint(1, 4), folder)
        loaded = Engine(rules_of(LOOSE))
        seen = snapshot.load(loaded, folder, of="us", until=10**9)
        if seen is None:
            assert not folder.exists(), "what stands under the name is whole"
            continue
        assert seen["supplies"] > last
        last = seen["supplies"]
        standing = {supplies[n % ROWS].id: n for n in range(max(1, last - ROWS // 2 + 1), last + 1)}
        tags = {each.id: loaded.supplies.tag_of(each.id) for each in supplies}
        assert tags == {each.id: standing.get(each.id) for each in supplies}
    assert last > KILLS
    demands = [random_demand(chance) for _ in range(20)]
    for demand in demands:
        loaded.demands.add(row_of_demand(demand, loaded.numbering))
    assert_agreement(loaded, demands, [each for each in supplies if each.id in standing])


def test_what_the_dead_left_beside_is_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for beside in (folder, tmp_path / "index.0123", tmp_path / "index.4567", tmp_path / "another"):
        beside.mkdir()
    snapshot.sweep(folder)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["another", "index"]
