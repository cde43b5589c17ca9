"""Facts to sufficient statistics, in SQL.

`aggregate.aggregate` is the way in. Ibis and DuckDB load with it, not with this package, so that
those who only read results (`aggregates`) do not pay for them.
"""
