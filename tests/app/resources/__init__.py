"""Tests of the resources of the API, on both databases."""
