"""The only package that opens sockets. ``seam`` says what a transport is; the rest are transports."""
