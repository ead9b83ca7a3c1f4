"""Compiled from efficientnet_b0.dl."""
