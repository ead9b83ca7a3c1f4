# -*- coding: utf-8 -*-
"""Compiled from folds.dl."""
