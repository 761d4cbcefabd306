"""The night: many files through the line, and a report whose count balances."""
