"""All sockets and serial ports to readers, and the threads that use them."""
