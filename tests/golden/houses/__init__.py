# -*- coding: utf-8 -*-
"""Compiled from houses.dl."""
