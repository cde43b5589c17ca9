"""The `tierlift` command: parses words, calls one use case, prints what came of it.

Results go to standard output, progress and notes to standard error. A command is a file with a
`command`; it stands in `COMMANDS`, and is loaded when it is called, so that none waits for another.

Exit codes: 0 done; 1 refused or failed, with the reason; 2 not understood; 3 done, but some rows or
items are in quarantine; 130 interrupted.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final, cast

import click

from app.cli.faults import faults_told
from app.settings import unknown_variables

COMMANDS: Final = {
    "demo": ("app.cli.demonstration", "Load a programme to try everything on, and serve it."),
    "db": ("app.cli.database", "Make the database, and bring it up to date."),
    "serve": ("app.cli.serve", "Answer HTTP requests."),
    "users": ("app.cli.users", "Make, list and change the people of the console."),
    "keys": ("app.cli.keys", "Make, list and revoke API keys."),
    "programme": ("app.cli.programme", "Describe the membership programme."),
    "metrics": ("app.cli.metrics", "Look at the metrics there are, and define your own."),
    "campaign": ("app.cli.campaigns", "Create, change and move campaigns."),
    "grants": ("app.cli.grants", "Look at the rewards that were granted."),
    "import": ("app.cli.imports", "Load members, exposures or conversions from a file."),
    "member": ("app.cli.member", "Do what a member asks: opt out, show, erase."),
    "privacy": ("app.cli.privacy", "Show who saw what of members; remove what is too old."),
    "audit": ("app.cli.audit", "Show who changed what."),
    "quarantine": ("app.cli.quarantine", "Correct, replay and discard events that were refused."),
    "webhooks": ("app.cli.webhooks", "Tell your systems of grants and campaigns."),
    "export": ("app.cli.exports", "Write members, facts, or the data of a report to a file."),
    "assign": ("app.cli.assign", "Assign all members, for e-mail, SMS and push."),
    "archive": ("app.cli.archive", "Keep facts as Parquet files, which analysis reads."),
    "report": ("app.cli.report", "Write what happened in a campaign, as JSON, CSV or a page."),
    "memo": ("app.cli.memo", "Show what people decided about campaigns, and why."),
    "simulate": ("app.cli.simulation", "Write simulated files whose truth is known."),
    "calibrate": ("app.cli.calibration", "Measure error rates and coverage by simulation."),
}
"""Where each command is, and what it is for."""


class _Root(click.Group):
    """Loads a command when it is called, and tells every fault in words."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Give the names in the order in which one needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # as above
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", import_module(COMMANDS[cmd_name][0]).command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as above
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Run the command."""
        with faults_told():
            return super().invoke(ctx)


@click.group(
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("tierlift"), prog_name="tierlift")
def tierlift() -> None:
    """Tell which upgrade offer makes which members climb a tier, and whether it is worth the money.

    Settings come from the environment, such as TIERLIFT_DATABASE_URL. Start with `tierlift db
    upgrade`, then `tierlift programme set FILE`.
    """
    for message in unknown_variables():
        click.echo(f"Note: {message}", err=True)


def main() -> None:
    """Run the command line of this process."""
    tierlift(prog_name="tierlift")
