"""Tests of what is answered before the web framework is asked."""
