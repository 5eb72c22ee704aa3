"""Repair a ThyWill community database from its plain-text archives."""

__version__ = "0.1.0"
