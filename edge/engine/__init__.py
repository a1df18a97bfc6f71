"""Pure: from reads to item events and stock changes.

The engine never asks a clock: its time is the stamps and ticks of the readers (`watermark`), cut
into epochs.  The same input gives the same events, at any speed and however it is cut into polls.
Work per read is O(1), and no step looks at all tags.
"""
