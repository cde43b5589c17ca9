"""Tests of the report, on scorecards of simulated and hand-made campaigns."""
