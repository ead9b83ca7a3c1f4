"""Compiled from pets.dl."""
