"""Serial readers without input and output: one folder a protocol, all of one shape.

| module          | what it has                                                                    |
| --------------- | ------------------------------------------------------------------------------ |
| `frames`        | `Frame` with `encode()`, and `FrameDecoder`, a `StreamDecoder` of such frames  |
| `commands`      | tables: operation and status codes, commands and answers as `Record`s          |
| `reads`         | from a frame to `SerialRead`s                                                  |
| `session`       | a `SerialSession`: the conversation, for a driver that has the port            |

What all of them keep:

- A frame is found by its length and its check value and by nothing else; a count in a frame is
  compared and never believed.  Bytes that are no frame become a `Fault` with its cause, once each,
  and the next frame is read.  No bytes raise an error, and what is held is bounded by the longest
  frame.
- A tag's own CRC, where a frame has it, is checked: an EPC that fails it is a fault and no read.
- RSSI is dBm where the protocol says so; where it does not, `rssi_dbm` is None, the byte is kept.
- Stamps are the host's: `SerialRead.reader_ms` has the reader's own time where it tells one.
- A session asks for another line rate in its output, since it may not touch the port.

`edge.serial.registry` knows the protocols by name, `edge.serial.probe` finds out which one a port
speaks, `edge.serial.decode` shows what bytes say.
"""
