"""Compiled from wide.dl."""
