"""What the agent offers on its own machine."""
