"""Render results: one function per format, no queries."""
