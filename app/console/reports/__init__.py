"""Reports to send: each stored scorecard of a campaign as files."""
