"""The compiled passes of a search, which together say exactly what `ranking.score.judge` says of each pair.

`gather` lists the rows whose zone meets the place. `by_category`, `by_code` and `by_text` add up the evidence and
`keep_relevant` leaves those with enough; `check` leaves those that fail at most one constraint; `suit` adds the other
features and `keep_best` leaves the best. Each pass is one loop over what the pass before left, in place: handing arrays
to a function for each candidate would cost more than its work.
"""

from services.matching.index.compiled.checking import check, check_permits
from services.matching.index.compiled.evidence import by_category, by_code, by_text, keep_relevant
from services.matching.index.compiled.passes import compiled
from services.matching.index.compiled.suiting import suit


@compiled
def judge_all(demands, supplies, query, rules, work, count):  # type: ignore[no-untyped-def]
    """Every pass over what was gathered, in order; returns how many are left."""
    if rules.points[0] > 0:
        by_category(demands, supplies, query, rules, work, count)
    if rules.points[1] > 0:
        by_code(demands, supplies, query, rules, work, count)
    if rules.points[2] > 0:
        by_text(demands, supplies, query, rules, work, count)
    count = keep_relevant(demands, supplies, query, work, count)
    count = check(demands, supplies, query, rules, work, count)
    count = check_permits(demands, supplies, query, work, count)
    suit(demands, supplies, query, rules, work, count)
    return count
