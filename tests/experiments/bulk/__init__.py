"""Tests of assigning all members at once."""
