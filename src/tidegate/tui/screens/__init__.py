"""Screens: one file each; they ask the gate, show what it says and change nothing themselves."""
