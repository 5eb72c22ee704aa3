"""Read the text archives into frozen records."""
