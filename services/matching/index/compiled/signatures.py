"""Signatures of texts: what words a row may use, told of many rows at once without reading their texts.

A word sets two of `BITS` bits of its row. The bits lie by blocks of 512 rows, each bit of all of them in one line of
memory: to ask a block about a word reads two lines, where the texts of its rows take a thousand. A bit may be set by
another word, so a signature says at most too much; whoever could still be among the best has its text read.
"""

from typing import Final

import numpy as np

from services.matching.index.compiled.layout import Rows
from services.matching.index.compiled.passes import BITS, BLOCK, compiled

FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
SAMPLE: Final = 16
AT_LEAST: Final = 4
"""How many times as many words must be spared as are asked of signatures: these are not streamed as texts are."""


def room_for_signatures(rows: int) -> Rows:
    """Room for the signatures of so many rows."""
    return np.zeros((-(-rows // BLOCK), BITS, BLOCK // 8), dtype=np.uint8)


@compiled
def bits_of(packed):  # type: ignore[no-untyped-def]
    """The two bits of a packed word."""
    mixed = np.uint64(packed >> np.uint32(8)) * FACTOR
    one, other = mixed >> np.uint64(48), (mixed >> np.uint64(32)) & np.uint64(0xFFFF)
    return (one * np.uint64(BITS)) >> np.uint64(16), (other * np.uint64(BITS)) >> np.uint64(16)


@compiled
def sign(signs, heads, pool, first, last):  # type: ignore[no-untyped-def]
    """Signs the rows of some slots, which had no words before."""
    for slot in range(first, last):
        head = heads[slot]
        block, byte, bit = slot >> 9, (slot >> 3) & 63, np.uint8(1 << (slot & 7))
        begin = np.int64(head.at)
        for place in range(begin, begin + np.int64(head.words)):
            one, other = bits_of(pool[place])
            signs[block, one, byte] |= bit
            signs[block, other, byte] |= bit


@compiled
def fill_bits(words, bits, sums):  # type: ignore[no-untyped-def]
    """Of eight packed words each: their bits, and the parts of any of them together."""
    for number in range(8 * sums.shape[0]):
        packed, eight, one = words[number] if number < words.size else np.uint32(0), number >> 3, 1 << (number & 7)
        bits[number, 0], bits[number, 1] = bits_of(packed)
        # Of some of the words before, each alone and with this one.
        for which in range(one):
            sums[eight, which | one] = sums[eight, which] + (packed & np.uint32(255))


@compiled
def bits_and_sums(words):  # type: ignore[no-untyped-def]
    """What `bound_texts` asks signatures for these packed words."""
    eights = (words.size + 7) // 8
    bits, sums = np.zeros((8 * eights, 2), dtype=np.uint64), np.zeros((eights, 256), dtype=np.uint32)
    fill_bits(words, bits, sums)
    return bits, sums


@compiled
def turned(square):  # type: ignore[no-untyped-def]
    """Eight bytes of eight bits, rows and columns exchanged (Hacker's Delight, 7-3)."""
    swap = (square ^ (square >> np.uint64(7))) & np.uint64(0x00AA00AA00AA00AA)
    square = square ^ swap ^ (swap << np.uint64(7))
    swap = (square ^ (square >> np.uint64(14))) & np.uint64(0x0000CCCC0000CCCC)
    square = square ^ swap ^ (swap << np.uint64(14))
    swap = (square ^ (square >> np.uint64(28))) & np.uint64(0x00000000F0F0F0F0)
    return square ^ swap ^ (swap << np.uint64(28))


@compiled
def spares_reading(heads, query, work, count):  # type: ignore[no-untyped-def]
    """Asking the signatures of the candidates in hand is less work than reading their texts."""
    blocks, listed, last = 0, 0, -1
    for number in range(0, count, SAMPLE):
        slot = work.slots[number]
        blocks += slot >> 9 != last
        last = slot >> 9
        listed += heads[slot].words
    return AT_LEAST * query.bits.shape[0] * (SAMPLE * blocks + count // 4) < SAMPLE * listed


@compiled
def touch_signatures(signs, bits, work, count):  # type: ignore[no-untyped-def]
    """Reads a little of each line that is asked, of one block after the other, so that many lines are on their way."""
    touched, last = np.uint32(0), -1
    for number in range(count):
        slot = work.slots[number]
        if slot >> 9 != last:
            last = slot >> 9
            for place in range(bits.shape[0]):
                touched ^= signs[last, bits[place, 0], 0] ^ signs[last, bits[place, 1], 0]
    # Kept, or the compiler would find that nobody wants it.
    work.touched[0] = touched


@compiled
def bound_texts(side, query, half, work, count):  # type: ignore[no-untyped-def]
    """Notes of each candidate in hand what its text is worth at most, 0 to 1; `half` is what is worth a half."""
    signs, bits, sums, last = side.signs, query.bits, query.sums, np.int64(-1)
    touch_signatures(signs, bits, work, count)
    groups = sums.shape[0]
    squares = np.empty(groups, dtype=np.uint64)
    for number in range(count):
        slot = np.int64(work.slots[number])
        if slot >> 3 != last:
            last = slot >> 3
            lines, byte = signs[np.uint64(slot >> 9)], np.uint64(last & 63)
            for group in range(groups):
                square = np.uint64(0)
                for place in range(8):
                    one, other = bits[8 * group + place, 0], bits[8 * group + place, 1]
                    square |= np.uint64(lines[one, byte] & lines[other, byte]) << np.uint64(8 * place)
                squares[group] = turned(square)
        row, parts = np.uint64(8 * (slot & 7)), np.uint32(0)
        for group in range(groups):
            parts += sums[group, (squares[group] >> row) & np.uint64(255)]
        text = parts / 200.0
        work.texts[number] = text / (text + half)
