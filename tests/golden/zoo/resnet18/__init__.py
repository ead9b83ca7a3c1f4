# -*- coding: utf-8 -*-
"""Compiled from resnet18.dl."""
