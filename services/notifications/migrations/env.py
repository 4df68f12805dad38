"""Alembic's entry: the shared environment runs the versions beside this file."""

from shared.database.migrate import run_env

run_env()
