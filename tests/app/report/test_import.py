"""What importing the report costs those who render nothing."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_report_loads_no_drawing_library() -> None:
    """A server that answers with JSON pays neither the time nor the memory of the plots."""
    code = (
        "import sys, app.report; "
        "print([name for name in ('altair', 'vl_convert', 'narwhals') if name in sys.modules])"
    )
    run = subprocess.run(  # noqa: S603 - our own interpreter and our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
