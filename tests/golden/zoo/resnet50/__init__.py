# -*- coding: utf-8 -*-
"""Compiled from resnet50.dl."""
