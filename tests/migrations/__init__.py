"""The rules of migrations, on SQLite and on PostgreSQL."""
