"""Compiled from two_tower.dl."""
