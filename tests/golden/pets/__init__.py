# -*- coding: utf-8 -*-
"""Compiled from pets.dl."""
