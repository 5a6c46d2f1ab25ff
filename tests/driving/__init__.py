"""Driving the product from tests: homes, feeds made of a few objects, the command line."""
