"""How the database came to its present shape; `experiments.store.schema` runs it.

Start a new revision with ``python -m migrations "add holdout"``.
"""
