"""Starts the file of a new revision: ``python -m migrations "add holdout"``."""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def main(message: str) -> None:
    """Write ``NNNN_message.py`` after the newest revision, for a person to fill in."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head()
    command.revision(config, message, rev_id=f"{int(head or 0) + 1:04}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
