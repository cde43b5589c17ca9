"""Tests of the guided form."""
