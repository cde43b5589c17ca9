"""Tests of what is computed of members."""
