"""Recognise, open and read the application's database. Knows nothing of identity."""
