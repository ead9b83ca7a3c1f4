# -*- coding: utf-8 -*-
"""Compiled from vgg16.dl."""
