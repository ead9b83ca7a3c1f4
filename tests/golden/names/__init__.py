# -*- coding: utf-8 -*-
"""Compiled from names.dl."""
