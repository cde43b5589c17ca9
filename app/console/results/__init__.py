"""The report of a campaign inside the console, from its newest stored scorecard.

`stored` chooses the snapshot, `parts` turns the report's blocks into what the templates place, and
every tab has a module that composes its page. Nothing here computes: every number is the
scorecard's.
"""
