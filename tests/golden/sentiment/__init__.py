"""Compiled from sentiment.dl."""
