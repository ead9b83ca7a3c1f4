"""Compiled from linear.dl."""
