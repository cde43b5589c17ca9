"""The hook that the documentation shows, against a server that answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contracts.frontends import frontend
from tests.documentation.test_pages import blocks

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs/how-to/serve-offers.md"


def test_the_documented_hook_reports_each_exposure_once(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> None:
    """Run twice as it stands, with a real address and key, it reports one exposure."""
    with frontend(tmp_path_factory.mktemp("documented"), sqlite_template) as served:
        lines = "\n".join(blocks(PAGE, "python")).splitlines()
        code = "\n".join(line for line in lines if not line.startswith("assert"))
        code = code.replace("http://127.0.0.1:9", served.address)
        code = code.replace("tl_x_y", served.server_key) + '\nassert shown["offer_id"], shown\n'
        for _ in range(2):
            done = subprocess.run(  # noqa: S603  # our own documentation
                [sys.executable, "-W", "error", "-c", code],
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        assert served.exposures() == {("gold-q3", served.variant_of("m-1"), "m-1")}
        with served.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM exposures").scalar() == 1
