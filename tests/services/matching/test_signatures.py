"""Signatures of texts: what a text may be worth at most, told without reading it."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.index.compiled.layout import BROW, HEAD, PLACE, SUPPLY, Rows
from services.matching.index.compiled.passes import NO_SIGNS, Looked, Side, Sought, working
from services.matching.index.compiled.preparing import query_of
from services.matching.index.compiled.rack import Rack
from services.matching.index.compiled.rules import rules_of, vocabulary_of_today
from services.matching.index.compiled.searching import Engine
from services.matching.index.compiled.signatures import bits_of, bound_texts, room_for_signatures, sign, turned
from services.matching.ranking.features import HALF_TEXT, WORD_PARTS
from services.matching.ranking.weights import weights

ROWS, WORDS = 700, 32


def texts(seed: int) -> tuple[Rows, Rows]:
    """Heads and words (with weights) of rows that lie in two blocks."""
    chance = np.random.default_rng(seed)
    heads = np.zeros(ROWS, dtype=HEAD)
    heads["at"], heads["words"] = np.arange(ROWS) * WORDS, WORDS
    words = np.array([chance.permutation(400)[:WORDS] + 1 for _ in range(ROWS)], dtype=np.uint32)
    return heads, (words << 8 | chance.integers(1, 256, words.shape, dtype=np.uint32)).ravel()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1_000), asked=st.integers(1, 12))
def test_invariant_a_text_is_never_worth_more_than_its_signature_says(seed: int, asked: int) -> None:
    """INVARIANT: what is said of a text before it is read is at least what reading it gives, and no mere guess."""
    heads, pool = texts(seed)
    side = Side(heads, np.zeros(ROWS, dtype=SUPPLY), pool, np.zeros(0), room_for_signatures(ROWS))
    sign(side.signs, heads, pool, 0, ROWS)
    words = (np.random.default_rng(seed + 1).permutation(400)[:asked] + 1).astype(np.uint32) << 8 | np.uint32(200)
    own = np.zeros(1, dtype=HEAD)
    own["words"] = asked
    asker, rules, work = Looked(own, words, NO_SIGNS, np.zeros(1, dtype=BROW)), rules_of(weights()), working()
    sought = Sought(1, np.zeros(1, dtype=PLACE), np.zeros(0, dtype=np.int64), forward=True, today=0)
    query = query_of(asker, sought, vocabulary_of_today(), rules)
    work.slots[:ROWS] = np.arange(ROWS)
    bound_texts(side, query, rules.half_text, work, ROWS)
    read = np.array([shared(row, words) for row in pool.reshape(ROWS, WORDS)])
    assert (work.texts[:ROWS] >= read).all()
    assert (work.texts[:ROWS] < query.most_text).any()
    assert (work.texts[:ROWS] == read_at_full_weight(pool, words)).mean() > 0.5


def shared(row: Rows, words: Rows) -> float:
    """What a text is worth that is read: of each word that both use, the lesser weight."""
    known = {int(each) >> 8: int(each) & 255 for each in row}
    parts = [min(known.get(int(each) >> 8, 0), int(each) & 255) for each in words]
    return worth_of_parts(parts)


def read_at_full_weight(pool: Rows, words: Rows) -> Rows:
    """The same with the asker's weight of each shared word: what a signature says that no other word disturbs."""
    numbers = pool.reshape(ROWS, WORDS) >> 8
    said = [[word & 255 for word in words if (row == word >> 8).any()] for row in numbers]
    return np.array([worth_of_parts(each) for each in said])


def worth_of_parts(parts: Sequence[int]) -> float:
    """What words of these parts of weight are worth together."""
    whole = sum(int(each) for each in parts) / WORD_PARTS
    return whole / (whole + HALF_TEXT)


@settings(deadline=None)
@given(square=st.integers(0, 2**64 - 1))
def test_rows_and_columns_of_eight_bytes_are_exchanged(square: int) -> None:
    changed = int(turned(np.uint64(square)))
    for row in range(8):
        for column in range(8):
            assert changed >> (8 * row + column) & 1 == square >> (8 * column + row) & 1


def test_a_row_that_comes_later_is_signed_as_well_and_keeps_its_signature_as_the_rack_grows() -> None:
    engine = Engine(rules_of(weights()))
    rack: Rack = engine.supplies
    rack.pool[:4] = np.array([7, 8, 9, 10], dtype=np.uint32) << 8
    rack.heads[3]["at"], rack.heads[3]["words"] = 0, 4
    sign(rack.signs, rack.heads, rack.pool, 3, 4)
    rack.used = len(rack.records)
    rack._make_room(0)
    assert len(rack.signs) == -(-len(rack.records) // 512)
    for word in rack.pool[:4]:
        assert all(rack.signs[0, int(bit), 0] >> 3 & 1 for bit in bits_of(word))
