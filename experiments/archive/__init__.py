"""The archive: facts as Parquet files by kind and day, which analysis reads, not the database.

Files are never changed. A *manifest*, a file that is never changed either, lists those that belong
together; the commit of its name in the database is the moment at which the archive grows
(`experiments.store.archives`), and a small file in the archive names it to readers, who need no
database. What no manifest lists is not there. So nothing has to be locked for readers, a process
that is killed leaves only files that nobody reads, and an object store needs nothing but to write
one file at a time.

- `place` knows folders and object stores, `manifest` what is in an archive.
- `partitions` writes files; `extending`, `compacting` and `erasing` change the archive with them,
  each publishing a new manifest (`publishing`).
- `reading` gives analysis its files; `verifying` compares them with the database.
"""
