"""The pages about campaigns: their list, one campaign's frame, setup, history, moves, live page."""
