"""Compiled from flats.dl."""
