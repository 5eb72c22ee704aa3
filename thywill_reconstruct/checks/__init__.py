"""Integrity rules: what must be true of a database's rows and schema, told as data and asked inside the database."""
