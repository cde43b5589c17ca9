"""Lists the commands of a group in the order in which one needs them."""

from __future__ import annotations

import click


class InOrder(click.Group):
    """A group whose help has its commands in the order of their definition."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Give the names in that order."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as above
        """List the commands with the whole of their first paragraph, which click would cut."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _purpose(command)) for name, command in self.commands.items()]
            )


def _purpose(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())
