"""Decide what a member is offered, and record what happened; no web, no statistics.

Read it from the use cases down: `serving`, `recording` and `lifecycle` each own a transaction;
`store` keeps rows; everything else is pure and takes the clock as an argument.
"""
