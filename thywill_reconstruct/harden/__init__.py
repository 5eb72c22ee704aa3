"""Comparing the schema that a pack promises with the schema that is there, and adding what is missing; nothing is dropped."""
