# -*- coding: utf-8 -*-
"""Compiled from towers.dl."""
