# -*- coding: utf-8 -*-
"""Compiled from open_sizes.dl."""
