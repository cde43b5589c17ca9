"""A programme to try everything on: Harbour Club, simulated, with effects that are known.

Read `programme` (what the club is), `campaigns` (what it tries, and what that truly does),
`unplayed` (what it only plans, or gave up), `membership` and `enrolment` (who is assigned what, by
the real evaluator), `loading` (how it gets into a database), `place` (the directory that is reused
or made anew) and `invitation` (what is printed). `samples` writes files to practise the import on.
"""
