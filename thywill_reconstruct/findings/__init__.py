"""The vocabulary of findings: codes, pages, and the value itself."""
