"""Computes what the programme says of every member, from the facts, in one pass of DuckDB.

- `days` cuts windows in the programme's zone, `rules` says which are needed and names the version.
- `opening` and `sources` bring members and facts to DuckDB: facts from the archive where there is
  one, else from the database.
- `totals`, `ranks`, `judging` and `attributes` are the computation, each a table made of the one
  before; docs/reference/programme.md is what they compute.
- `writing_back` and `progress` take what changed to the store.
- `recomputing`, `previewing` and `scheduling` are the use cases.
"""
