"""Compiled from resnet50.dl."""
