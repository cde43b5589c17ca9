"""The console, page by page: what each shows, to whom, and what it refuses."""
