"""Knows every sentence that people read, and the catalogues that translate them."""
