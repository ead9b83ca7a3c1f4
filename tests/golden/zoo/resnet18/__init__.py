"""Compiled from resnet18.dl."""
