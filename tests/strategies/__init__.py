"""What tests are fed with: builders of plain rows, and hypothesis strategies for any row."""
