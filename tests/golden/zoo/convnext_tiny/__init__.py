"""Compiled from convnext_tiny.dl."""
