"""Watching a database: the history of its checks, what changed since, who is told, and metrics for a machine to read."""
