"""Estimates from sufficient statistics: pure, no rows, no engine."""
