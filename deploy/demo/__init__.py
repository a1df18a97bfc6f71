"""The whole line on one machine, for a look at it and for tests that need it whole."""
