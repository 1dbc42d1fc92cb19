"""The only package that awaits in loops: REST calls, supervised streams, live orders."""
