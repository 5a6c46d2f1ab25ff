"""Widgets: one file each, all text through `tui.safe`."""
