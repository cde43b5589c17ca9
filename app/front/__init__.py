"""Answers the addresses that frontends call on every page, before the web framework is asked.

`Front` is a WSGI application around Flask's: it knows a few addresses, answers them with functions
from a `Call` to a `Reply`, and leaves everything else to Flask. What Flask does for each request
takes several times as long as deciding an offer does.
"""
