"""Damaged and hostile archives in any number, and what must hold for each of them."""
