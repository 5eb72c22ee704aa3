"""One module per family of archive file."""
