# -*- coding: utf-8 -*-
"""Compiled from densenet121.dl."""
