"""A complete new database from archives alone."""
