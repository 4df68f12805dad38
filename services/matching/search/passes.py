"""What is compiled of the search: rows are marked by their words, judged and counted in one pass, and scored."""

import numpy as np

from services.matching.index.compiled.passes import compiled

# A number of 64 bits in which every run of six is another one: a single bit times it has its own six on top.
DISTINCT = 0x03F79D71B4CB0A89
PLACES = np.zeros(64, dtype=np.int64)
for _place in range(64):
    PLACES[(DISTINCT << _place & (1 << 64) - 1) >> 58] = _place

MEANT = 1 << 15
"""The mark of what means the same; those of the words are the bits below."""

# Where a row counts by the conditions that it fails: where all are met, where that one alone is failed, or nowhere.
COUNTS_AT = np.full(32, 6, dtype=np.uint8)
COUNTS_AT[0] = 0
for _place in range(5):
    COUNTS_AT[1 << _place] = _place + 1


@compiled
def mark(marking, posted, bit, found):  # type: ignore[no-untyped-def]
    """Sets a bit of each slot's mark; the living that had none follow the `found` slots; returns how many there are."""
    for place in range(posted.size):
        slot = posted[place]
        marking.slots[found] = slot
        found += int(marking.marks[slot] == 0) & int(marking.alive[slot])
        marking.marks[slot] |= bit
    return found


@compiled
def read_marks(marks, slots, hits, meant):  # type: ignore[no-untyped-def]
    """How many words each slot has, and whether it means the same."""
    for place in range(slots.size):
        words = marks[slots[place]] & (MEANT - 1)
        while words != 0:
            words &= words - 1
            hits[place] += 1
        meant[place] = marks[slots[place]] >= MEANT


@compiled
def count_rows(rows, slots, verdicts, tally):  # type: ignore[no-untyped-def]
    """Leaves in `kept` the slots that meet every condition; returns how many.

    What a row fails is what its traits, its commune and its deadline fail, each of which was judged before. Nothing
    depends on it but where it is noted: a processor guesses wrong at every other row of a long list.
    """
    found, beyond = 0, np.uint32(verdicts.days.size - 1)
    for place in range(slots.size):
        slot = slots[place]
        row = rows[slot]
        # Before today wraps around to far beyond.
        day = verdicts.days[min(np.uint32(row.deadline - verdicts.today), beyond)]
        commune = verdicts.communes[row.commune]
        failed = verdicts.traits[row.traits] | commune.failed | day.failed
        tally.kept[found] = slot
        found += int(failed == 0)
        at = COUNTS_AT[failed]
        tally.by_traits[at, row.traits] += 1
        tally.by_bands[at, commune.band, day.band] += 1
    return found


@compiled
def spread(traits, tally, counts):  # type: ignore[no-untyped-def]
    """From rows by traits to rows by facet and value: of what a row is, of its families and of its kinds."""
    for number in range(traits.size):
        one = traits[number]
        met = tally.by_traits[0, number]
        counts[0, one.what] += met + tally.by_traits[1, number]
        count_bits(counts[1], one.families, met + tally.by_traits[2, number])
        count_bits(counts[2], one.kinds, met + tally.by_traits[3, number])


@compiled
def count_bits(counts, bits, rows):  # type: ignore[no-untyped-def]
    """So many more for each bit that is set."""
    while bits != 0 and rows != 0:
        lowest = bits & (~bits + np.uint64(1))
        counts[PLACES[np.int64(lowest * np.uint64(DISTINCT) >> np.uint64(58))]] += rows
        bits ^= lowest


@compiled
def score_rows(records, pool, slots, wanted, scores):  # type: ignore[no-untyped-def]
    """What `ranking.finding.score` says of each, to the last bit: the same sums in the same order."""
    titled, told = np.empty(wanted.words.size), np.empty(wanted.words.size)
    for place in range(slots.size):
        record = records[slots[place]]
        titled[:], told[:] = -1.0, -1.0
        whole, by_kind, by_category = 1.0, 0.0, 0.0
        for at in range(record.at, record.at + record.weighed):
            key, weight = np.int64(pool[at].key), pool[at].thousandths / 1000
            category = wanted.category_of[key]
            if category >= 0:
                for number in range(wanted.sures.size):
                    by_category = max(by_category, wanted.sures[number] * weight * wanted.near[number, category])
            elif key == wanted.whole_key:
                whole = weight
            else:
                note_word(wanted.words, key, weight, titled, told)
                by_kind = max(by_kind, kind_worth(wanted.kinds, key, weight))
        scores[place] = words_worth(wanted, titled, told, whole) + by_kind + wanted.by_category * by_category


@compiled
def note_word(words, key, weight, titled, told):  # type: ignore[no-untyped-def]
    """Keeps a key's weight where it is a word of the query, of a title or of a description."""
    for number in range(words.size):
        if key == words[number].titled:
            titled[number] = weight
        elif key == words[number].told:
            told[number] = weight


@compiled
def kind_worth(kinds, key, weight):  # type: ignore[no-untyped-def]
    """What a key is worth as a kind of things that the query names."""
    best = 0.0
    for number in range(kinds.size):
        if key == kinds[number].key:
            best = max(best, kinds[number].sure * weight * kinds[number].worth)
    return best


@compiled
def words_worth(wanted, titled, told, whole):  # type: ignore[no-untyped-def]
    """What the words shared are worth, of a title that weighs `whole`."""
    own, said, described = 0.0, 0.0, 0.0
    for number in range(wanted.words.size):
        if titled[number] >= 0:
            said += wanted.words[number].weight
            own += titled[number]
        elif told[number] >= 0:
            described += wanted.words[number].weight * told[number]
    share = said / wanted.whole
    shared = share * share * (1 - wanted.own_share + wanted.own_share * own / whole)
    return shared + described / wanted.whole
