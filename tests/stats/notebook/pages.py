"""Runs the Python of a documentation page and compares what it prints with what stands there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BREAK = "<<< next block >>>"


def outputs(page: Path) -> list[str]:
    """Give what each Python block of a page prints, run one after the other, warnings as errors."""
    blocks = [
        code for language, code in FENCE.findall(page.read_text("utf-8")) if language == "python"
    ]
    code = f"\nprint({BREAK!r})\n".join(blocks)
    done = subprocess.run(  # noqa: S603  # our own documentation
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [text.strip() for text in done.stdout.split(BREAK)]


def stated(page: Path) -> list[str]:
    """Give the blocks of text of a page."""
    return [
        text.strip()
        for language, text in FENCE.findall(page.read_text("utf-8"))
        if language == "text"
    ]
