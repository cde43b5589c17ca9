"""Aggregate facts, infer, check, and write the scorecard; no web and no campaign in here."""
