"""Which rows have a zone that meets the place asked for: one pass over the rows of the cells around it."""

from services.matching.index.compiled.passes import COVERS_IT, NEAR_IT, compiled


@compiled
def gather(zones, runs, centres, asker, collect_near, marks, stamp, slots, count):  # type: ignore[no-untyped-def]
    """Marks every slot whose zone meets the query, and lists each once; returns how many are listed.

    `runs` are (first, last + 1, number of the centre), `asker` (bits, opens, closes); a mark is 4 × stamp + what it is.
    """
    bits, opens, closes = asker
    for run in range(runs.shape[0]):
        centre = runs[run, 2]
        x, y, z = centres[centre, 0], centres[centre, 1], centres[centre, 2]
        reach, near = centres[centre, 3], centres[centre, 4]
        for number in range(runs[run, 0], runs[run, 1]):
            row = zones[number]
            if row.bits & bits == 0:
                continue
            dx, dy, dz = row.x - x, row.y - y, row.z - z
            square = dx * dx + dy * dy + dz * dz
            mark = 0
            if square <= max(row.reach, reach):
                mark = COVERS_IT
            elif collect_near and square <= max(row.near, near):
                mark = NEAR_IT
            outside = row.opens > closes or row.closes < opens
            # Outside the window it is a near miss at best, and none when its area falls short as well.
            if mark == 0 or (outside and (mark == NEAR_IT or not collect_near)):
                continue
            seen = marks[row.slot] - 4 * stamp
            if seen <= 0:
                slots[count] = row.slot
                count += 1
            if mark > seen:
                marks[row.slot] = 4 * stamp + mark
    return count


@compiled
def begin(marks, stamp, alive, work, count):  # type: ignore[no-untyped-def]
    """Leaves the living; returns how many."""
    kept = 0
    for number in range(count):
        slot = work.slots[number]
        if alive[slot]:
            work.slots[kept], work.marks[kept] = slot, marks[slot] - 4 * stamp
            work.totals[kept] = work.wholes[kept] = 0.0
            work.evident[kept] = False
            kept += 1
    return kept
