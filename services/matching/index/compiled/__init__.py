"""The compiled index: one process, contiguous rows, exact. PostgreSQL holds the truth; this is derived and disposable.

A side (supplies, or demands) is a `Rack`: a record of fixed fields a row, a chunk of a shared pool for its lists, and
zone rows sorted by cell. A search gathers the rows whose zone meets the place, then scores what it gathered in one
compiled pass that says exactly what `ranking.score.judge` says.
"""
