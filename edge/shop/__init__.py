"""What the store's own machines and people ask of the agent: tills, deliveries, counts, zones.

The desks take orders to the engine's thread and answer when the file has them; the routes are the
same over HTTP and for commands.
"""
