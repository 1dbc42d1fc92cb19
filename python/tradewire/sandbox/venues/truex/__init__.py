"""TrueX in the sandbox."""
