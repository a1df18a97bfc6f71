"""The agent in the store: reads tags, counts items, keeps them, tells head office."""
