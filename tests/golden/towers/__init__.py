"""Compiled from towers.dl."""
