"""The rules of the store, on SQLite and on PostgreSQL."""
