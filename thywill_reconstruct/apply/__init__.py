"""Carry out a plan: backup, one transaction, verification, receipt."""
