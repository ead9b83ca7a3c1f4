# -*- coding: utf-8 -*-
"""Compiled from cats_dogs.dl."""
