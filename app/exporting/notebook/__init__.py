"""Exports a report as a notebook that computes every figure of it again, without Tierlift.

A bundle holds the stored scorecard, the units that it was computed from (or, for whoever may not
have rows, their sums), and a notebook whose cells compare what they find with what the report says.
"""
