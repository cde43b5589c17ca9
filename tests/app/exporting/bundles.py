"""Bundles of simulated campaigns, and how they are run: offline, where Tierlift is not."""

from __future__ import annotations

import os
from codeop import Compile
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import nbformat
import orjson
from nbclient import NotebookClient

from app.analysis.snapshot_rows import SnapshotRows
from app.exporting.notebook.bundle import fill
from app.language import ENGLISH
from stats.aggregation.aggregate import aggregate_on
from stats.aggregation.duckdb_engine import DuckDBEngine
from stats.scorecard import assemble_scorecard, scorecard_to_json

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    import pytest

    from app.exporting.notebook.sections import Form
    from app.language import Words
    from stats.aggregation.facts import FactTables
    from stats.plan import AnalysisPlan

ALONE: Final = """
import socket, sys

class NoTierlift:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"app", "experiments", "stats"}:
            raise ImportError(f"{name} is part of Tierlift")

sys.meta_path.insert(0, NoTierlift())
connect = socket.socket.connect

def nowhere(self, address):
    if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1"}:
        raise OSError(f"{address}: a notebook needs no network")
    return connect(self, address)

socket.socket.connect = nowhere
"""
"""Runs before anything else in a kernel: it forbids Tierlift, and every address but its own."""
WITHOUT_TIERLIFT: Final = """
for name in ("app", "experiments", "stats"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise AssertionError(f"{name} could be imported")
print("alone")
"""


def unpacked(
    folder: Path,
    facts: FactTables,
    plan: AnalysisPlan,
    as_of: datetime,
    form: Form,
    words: Words = ENGLISH,
) -> Path:
    """Analyse facts, and give the folder of the bundle that is exported of them."""
    folder.mkdir()
    with DuckDBEngine.over(facts) as engine:
        aggregates = aggregate_on(engine, plan, as_of)
        scorecard = assemble_scorecard(plan, aggregates, computed_at=as_of + timedelta(minutes=1))
        document = orjson.dumps(scorecard_to_json(scorecard))
        fill(folder, SnapshotRows(scorecard, document, aggregates, engine), form, words)
    return folder


def run(folder: Path) -> str:
    """Run the notebook of a bundle in a kernel of its own, and give what it printed.

    Raises:
        CellExecutionError: A cell failed.
    """
    (folder / "alone").mkdir(exist_ok=True)
    (folder / "alone" / "sitecustomize.py").write_text(ALONE)
    notebook = nbformat.read(folder / "report.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(WITHOUT_TIERLIFT))
    environment = {**os.environ, "PYTHONPATH": str(folder / "alone"), "MPLCONFIGDIR": str(folder)}
    client = NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(folder)}}, kernel_name="python3"
    )
    with client.setup_kernel(env=environment):
        for place, cell in enumerate(notebook.cells):
            client.execute_cell(cell, place)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "".join(output.get("text", "") for output in outputs)


def computed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Run the code of a bundle here, which is faster, and give its table of figures."""
    monkeypatch.chdir(folder)
    notebook = nbformat.read(folder / "report.ipynb", as_version=4)
    names: dict[str, Any] = {"display": lambda _: None}
    compile_next = Compile()  # remembers imports from the future, as a kernel does
    with redirect_stdout(StringIO()):
        for cell in notebook.cells:
            if cell.cell_type == "code" and "plot_effects" not in cell.source:
                exec(compile_next(cell.source, "cell", "exec"), names)  # noqa: S102 - our own text
    figures: pd.DataFrame = names["figures"]
    return figures
