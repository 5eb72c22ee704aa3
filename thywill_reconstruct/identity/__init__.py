"""Work out who every name is. Knows nothing of databases."""
