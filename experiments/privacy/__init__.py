"""What members may ask for: to opt out, to see what is held of them, to have it erased.

`opting` keeps consent with its history, `telling` gives everything that is held about a member,
`erasing` takes the identity out of it, `retaining` removes what is older than the programme keeps
it, and `auditing` shows who did any of that. What holds something about members is listed once, in
`experiments.store.holdings`.
"""
