"""Keep what was decided and what happened: rows in, values out, one transaction per use case.

`engine` opens a database and names its faults; `schema` migrates it; `tables` says what is kept.
The other modules hold one kind of row each, as functions on a connection: none of them commits, so
a use case wraps several in one `writing(engine)` block. `facts` hands relations to the analysis.
"""
