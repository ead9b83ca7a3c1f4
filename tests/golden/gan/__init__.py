"""Compiled from gan.dl."""
