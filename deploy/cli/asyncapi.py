"""`boucle asyncapi`: the contract of the events, for whoever reads or simulates them."""

from __future__ import annotations

import json

import click

from deploy.cli.place import HELP


@click.command(context_settings=HELP)
@click.option("--json", "form", flag_value="json", default="json", help="As JSON (this is the default).")
@click.option("--yaml", "form", flag_value="yaml", help="As YAML.")
def asyncapi(*, form: str) -> None:
    """Print the events as an AsyncAPI 3.0 document.

    Subjects, streams, schemas, examples, and which service tells or hears what. A running Boucle serves the same at
    /api/asyncapi.json.

    \b
    Examples:
      boucle asyncapi > boucle.asyncapi.json
      boucle asyncapi --yaml
    """
    from shared.contract import asyncapi as made

    text = json.dumps(made(), ensure_ascii=False, indent=2)
    click.echo(_as_yaml(text) if form == "yaml" else text)


def _as_yaml(text: str) -> str:
    """From the text, in which nothing is shared: YAML would write aliases."""
    import yaml

    written: str = yaml.safe_dump(json.loads(text), sort_keys=False, allow_unicode=True, width=110)
    return written.rstrip("\n")
