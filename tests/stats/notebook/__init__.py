"""Tests of the library's way in for notebooks."""
