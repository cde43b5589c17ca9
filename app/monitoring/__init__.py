"""Counts what the processes of one server do, for Prometheus to collect."""

from __future__ import annotations

from app.monitoring.monitor import Depths, Monitor
from app.monitoring.tally import Tally

__all__ = ["Depths", "Monitor", "Tally"]
