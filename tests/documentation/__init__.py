"""Tests that the documentation is complete."""
