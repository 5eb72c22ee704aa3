"""Labelled names, made up, for measuring ``reconstruct resolve``."""
