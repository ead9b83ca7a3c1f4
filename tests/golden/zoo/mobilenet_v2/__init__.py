"""Compiled from mobilenet_v2.dl."""
