"""Orders and fills on disk: what a restarted bot gets back."""
