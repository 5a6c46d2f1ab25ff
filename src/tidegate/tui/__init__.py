"""The terminal UI, and the only place that knows Textual."""
