"""Compiled from steps.dl."""
