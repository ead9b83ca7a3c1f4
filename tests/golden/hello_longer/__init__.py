"""Compiled from hello_longer.dl."""
