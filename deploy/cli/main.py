"""The `boucle` command: a table of subcommands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

# name -> (where it is, its line in the overview): the overview must not import them all
COMMANDS = {
    "up": ("deploy.cli.up:up", "Start everything on this machine and keep it running."),
    "serve": ("deploy.cli.serve:serve", "Run one service alone, as in a real deployment."),
    "work": ("deploy.cli.work:work", "Run the worker of a service alone, beside its pages."),
    "migrate": ("deploy.cli.migrate:migrate", "Bring the databases to their newest schema."),
    "provision": ("deploy.cli.provision:provision", "Make streams and consumers as wanted; prove durability."),
    "import": ("deploy.cli.imports:imports", "Import organisations, offers, needs and flows from CSV or XLSX."),
    "files": ("deploy.cli.files:files", "Copy documents and photos from the folder into a bucket, or back."),
    "mail": ("deploy.cli.mail:mail", "List the e-mails that were not sent, because no SMTP server is set."),
    "doctor": ("deploy.cli.doctor:doctor", "Say in words what is wrong, if anything."),
    "chaos": ("deploy.cli.chaos:chaos", "Break a throw-away instance on purpose; nothing may be lost."),
    "chaos-long": ("deploy.cli.chaos_long:chaos_long", "The same with outages of minutes, power cuts and lost stores."),
    "dead-letters": ("deploy.cli.dead_letters:dead_letters", "See what could not be applied or sent; replay it."),
    "reconcile": ("deploy.cli.reconcile:reconcile", "Compare what was published with what each reader received."),
    "rebuild": ("deploy.cli.rebuild:rebuild", "Build what a service keeps of others' facts again; mend what differs."),
    "prune": ("deploy.cli.prune:prune", "Remove published events that nobody needs any more."),
    "republish": ("deploy.cli.republish:republish", "Send events again, with their ids."),
    "backup": ("deploy.cli.backup:backup", "Write one service's database to a file."),
    "restore": ("deploy.cli.backup:restore", "Put a backup in the place of one service's database."),
    "overtake": ("deploy.cli.backup:overtake", "Let a restored service count on above what its streams told."),
    "asyncapi": ("deploy.cli.asyncapi:asyncapi", "Print the contract of the events (AsyncAPI 3.0)."),
    "evaluate": ("deploy.cli.evaluate:evaluate", "Measure how well texts find their category, offer and taker."),
    "learn": ("deploy.cli.learn:learn", "Learn the ranking's weights from answers; promote them if they are better."),
    "rematch": ("deploy.cli.rematch:rematch", "Match again what older weights matched, some at a time."),
    "impact": ("deploy.cli.impact:impact", "Compute anew what confirmed exchanges count for; show what differs."),
    "payments": ("deploy.cli.payments:payments", "Find what Stripe told and never arrived."),
    "sellers": ("deploy.cli.sellers:sellers", "Write who was paid in a year, as a platform reports it (DAC7)."),
    "stripe-twin": ("deploy.cli.stripe_twin:stripe_twin", "Run a small Stripe on this machine, without real money."),
    "bench": ("deploy.cli.bench:bench", "Measure, beside the floor of the same engines."),
}


class LazyCommands(click.Group):
    """A group whose overview costs no import."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        if find_spec(module) is None:
            raise click.ClickException(f"`boucle {cmd_name}` is not part of this installation ({module} is missing).")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="boucle", message="%(prog)s %(version)s")
def cli() -> None:
    """Boucle: the marketplace of a territory's circular economy.

    \b
    Start it here:      boucle up
    Ask what is wrong:  boucle doctor
    Help of a command:  boucle up --help
    """


if __name__ == "__main__":
    cli()
