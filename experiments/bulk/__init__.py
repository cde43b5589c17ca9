"""Assigns the whole member base at once: the evaluator's decision as SQL, run by DuckDB.

`experiments.assignment` decides for one member; here the same is decided for millions, and a test
holds the two against each other member by member. What was decided is remembered in the store
before it is written to a file, so the file never shows a variant that does not stand.
"""
