# -*- coding: utf-8 -*-
"""Compiled from digits.dl."""
