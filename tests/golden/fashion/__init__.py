"""Compiled from fashion.dl."""
