"""Compiled from mnist.dl."""
