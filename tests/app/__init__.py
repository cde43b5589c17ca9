"""Tests of the faces and of what they stand on."""
