"""The page on which citizens take part in opinion polls (A14)."""
