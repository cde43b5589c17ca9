"""Tests of telling the business over webhooks."""
