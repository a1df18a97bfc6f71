"""All SQL of the agent: one file, one repository a table, one writer.

The engine's thread writes; everybody else opens the file for himself, to read.  Each connection
has one thread.
"""
