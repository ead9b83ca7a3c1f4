# -*- coding: utf-8 -*-
"""Compiled from linear.dl."""
