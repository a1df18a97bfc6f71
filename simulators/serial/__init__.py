"""Simulated readers on serial lines, written from what the protocols' documents say."""
