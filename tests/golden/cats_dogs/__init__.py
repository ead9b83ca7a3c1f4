"""Compiled from cats_dogs.dl."""
