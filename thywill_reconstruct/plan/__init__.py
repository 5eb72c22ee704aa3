"""Turn findings into ordered, reversible operations."""
