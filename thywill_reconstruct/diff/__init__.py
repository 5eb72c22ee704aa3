"""Compare what the archives say with what the database holds."""
