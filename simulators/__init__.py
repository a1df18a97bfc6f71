"""Readers for testers: they speak real protocols, and misbehave on demand."""
