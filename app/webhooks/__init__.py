"""Tells the business over webhooks: endpoints, and the delivery of messages to them.

`endpoints` keeps where messages go and shows what became of them; `sending` attempts what is due,
with `posting`, which knows HTTP, and `addresses`, which says where a message may not go; `thread`
does so beside the requests of a process.
"""
