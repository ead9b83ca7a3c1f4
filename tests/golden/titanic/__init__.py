# -*- coding: utf-8 -*-
"""Compiled from titanic.dl."""
